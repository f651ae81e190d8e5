import { createHash, randomBytes } from 'node:crypto';

/** The prefixes in use; an id tells what it names wherever it is read. */
export type IdPrefix =
  | 'ag'
  | 'mg'
  | 'mga'
  | 'ses'
  | 'in'
  | 'out'
  | 'ntc'
  | 'ser'
  | 'q'
  | 'pair'
  | 'aud'
  | 'drop'
  | 'held'
  | 'aside';

/** `<prefix>_<20 hex>`: 80 random bits, safe in file names and container names. */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${randomBytes(10).toString('hex')}`;
}

/** The first `length` hex digits of the text's SHA-256: a stable short name for something long. */
export function shortHash(text: string, length = 8): string {
  return createHash('sha256').update(text).digest('hex').slice(0, length);
}
