import type { OutboundFile } from '../channels/adapter.js';
import { WharfieError } from '../errors.js';
import { limits } from './limits.js';
import type { PlannedPart } from './parts.js';
import type { DeliveryDeps } from './types.js';

export interface LoadedFiles {
  files: OutboundFile[];
  /** What could not be taken along, and why: for the chat and the agent. */
  leftOut: { name: string; reason: string }[];
}

/**
 * Reads the files of a part below `out/files`, none of them through a link, all bounded. From `out` on, which is the
 * source of a mount: the container can put a link in the place of `out/files` itself.
 */
export async function loadFiles(
  out: string,
  wanted: PlannedPart['files'],
  readFile: DeliveryDeps['readFile'],
): Promise<LoadedFiles> {
  const loaded: LoadedFiles = { files: [], leftOut: [] };
  let left = limits.fileBytes;
  for (const { path, name, mimeType } of wanted) {
    try {
      const data = await readFile(out, `files/${path}`, { maxBytes: left });
      left -= data.length;
      loaded.files.push({ name: plainName(name), mimeType, data });
    } catch (error) {
      const reason = error instanceof WharfieError ? error.message : 'It could not be read.';
      loaded.leftOut.push({ name: plainName(name), reason });
    }
  }
  return loaded;
}

/** For a channel that takes none: what is said with them need not be lost with them. */
export function withoutFiles(wanted: PlannedPart['files']): LoadedFiles {
  const reason = 'The channel takes no files.';
  return { files: [], leftOut: wanted.map(({ name }) => ({ name: plainName(name), reason })) };
}

/** A name is data: one line, no path, nothing that hides what it is. */
function plainName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  const plain = last.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').trim();
  return plain === '' || /^\.+$/.test(plain) ? 'file' : plain.slice(0, 200);
}
