import type { RawOutbound } from '../db/outbound/index.js';

/** Host → reader. */
export type ReaderRequest =
  | { op: 'read'; id: number; sessionId: string; file: string; afterSeq: number; afterAck: number }
  | { op: 'release'; sessionId: string };

/** What a read came to, before the host has looked at the rows. */
export type RawRead =
  | ({ kind: 'rows' } & RawOutbound)
  | { kind: 'recover' }
  | { kind: 'busy' }
  | { kind: 'bad'; code: string; message: string };

/** Reader → host; `root`: it could not give up root. */
export type ReaderMessage =
  | { event: 'ready'; user: 'host' | 'nobody' | 'root' }
  | { event: 'read'; id: number; read: RawRead };
