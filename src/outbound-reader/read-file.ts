import { expectedSchema, OutboundFormatError, readOutbound } from '../db/outbound/index.js';
import { codeOf, reasonOf } from '../errors.js';
import { BadFileError, closeHeldFile, type HeldFile, isCurrent, openHeldFile, recheck } from './held-file.js';
import type { RawRead } from './protocol.js';

/** More than any installation runs containers; a bound for the process's descriptors. */
const MAX_HELD = 64;

/** Reads outbound.db files of many sessions, holding the handles of those used last. */
export class FileReader {
  readonly #schema = expectedSchema();
  readonly #held = new Map<string, HeldFile>();

  /** Never throws; what SQLite says becomes one of the four outcomes. Blocks for as long as SQLite does. */
  read(sessionId: string, file: string, afterSeq: number, afterAck: number): RawRead {
    try {
      const { db } = this.#open(sessionId, file);
      return { kind: 'rows', ...readOutbound(db, this.#schema, afterSeq, afterAck) };
    } catch (error) {
      const read = outcomeOf(error);
      if (read.kind === 'bad') this.release(sessionId);
      return read;
    }
  }

  release(sessionId: string): void {
    const held = this.#held.get(sessionId);
    this.#held.delete(sessionId);
    if (held) closeHeldFile(held);
  }

  #open(sessionId: string, file: string): HeldFile {
    const known = this.#held.get(sessionId);
    if (known && isCurrent(file, known)) recheck(file, known);
    else this.release(sessionId);
    const held = this.#held.get(sessionId) ?? openHeldFile(file);
    this.#held.delete(sessionId);
    this.#held.set(sessionId, held);
    const [oldest] = this.#held.keys();
    if (this.#held.size > MAX_HELD && oldest !== undefined) this.release(oldest);
    return held;
  }
}

function outcomeOf(error: unknown): RawRead {
  const code = codeOf(error);
  if (code === 'SQLITE_READONLY_ROLLBACK') return { kind: 'recover' };
  if (/^SQLITE_BUSY/.test(code)) return { kind: 'busy' };
  if (error instanceof BadFileError) return { kind: 'bad', code: error.code, message: error.message };
  if (error instanceof OutboundFormatError) {
    return { kind: 'bad', code: 'outbound-schema', message: `outbound.db was changed: ${error.message}.` };
  }
  return {
    kind: 'bad',
    code: 'outbound-corrupt',
    message: `outbound.db cannot be read (${code || reasonOf(error)}).`,
  };
}
