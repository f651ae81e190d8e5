import { shortHash } from '../ids.js';
import { normalized } from '../normalized.js';

/** A message's key as a folder name: as it is where it is plain, else a hash of it. */
export function safeKey(key: string): string {
  return /^[A-Za-z0-9_-]{1,100}$/.test(key) ? key : shortHash(key, 32);
}

/**
 * What somebody called a file, as a name on our disk: letters, digits, `.`, `_` and `-`, at most 80 characters with the
 * end (the suffix) kept, never starting with a dot.
 */
export function safeName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  const plain = normalized(last, 'NFC')
    .replace(/[^\p{L}\p{N}._-]+/gu, '_')
    .replace(/^[._]+/, '');
  return cutStart(plain) || 'file';
}

/** The name as the agent and the chat see it: one line, at most 200 characters. */
export function shownName(name: string): string {
  const line = name
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, 200);
  // Through bytes and back: half of a surrogate pair becomes U+FFFD.
  return Buffer.from(line).toString() || 'file';
}

/** At most 80 characters, which are at most 240 bytes in UTF-8 up to the BMP; file systems take 255. */
function cutStart(name: string): string {
  const characters = [...name];
  let cut = characters.slice(-80).join('');
  while (Buffer.byteLength(cut) > 200) cut = [...cut].slice(1).join('');
  return cut.replace(/^[._]+/, '');
}
