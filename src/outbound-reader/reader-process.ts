import {
  type AskedProcess,
  type AskedProcessDeps,
  startAskedProcess,
  type Unanswered,
} from '../async/asked-process.js';
import { childArgs } from '../own-programs.js';
import { type CheckedRead, checkMessage } from './parse-reply.js';
import type { ReaderRequest } from './protocol.js';

export type ReadRequest = Omit<Extract<ReaderRequest, { op: 'read' }>, 'op' | 'id'>;
export type ReaderAnswer = CheckedRead | Unanswered;

/** One running reader process; asked one thing at a time. */
export interface ReaderProcess extends Pick<AskedProcess<CheckedRead>, 'pid' | 'alive' | 'kill'> {
  read(request: ReadRequest, deadlineMs: number): Promise<ReaderAnswer>;
  release(sessionId: string): void;
}

/** Starts the process and resolves when it can be asked; null: it did not start. Rejects where there is no room for one. */
export async function startReader({
  sessionsDir,
  clock,
  log,
}: { sessionsDir: string } & Pick<
  AskedProcessDeps<CheckedRead>,
  'clock' | 'log'
>): Promise<ReaderProcess | null> {
  const asked = await startAskedProcess<CheckedRead>({
    name: 'outbound reader',
    args: [...childArgs('reader'), sessionsDir],
    heapMb: 128,
    check(message) {
      const checked = checkMessage(message);
      if (checked?.event === 'read') return { id: checked.id, answer: checked.read };
      if (checked?.user === 'root') log.warn({ folder: sessionsDir }, KEEPS_ROOT);
      return checked && 'ready';
    },
    clock,
    log,
  });
  if (asked === null) return null;
  return {
    get pid() {
      return asked.pid;
    },
    get alive() {
      return asked.alive;
    },
    kill: () => asked.kill(),
    read: (request, deadlineMs) => asked.ask({ op: 'read', ...request }, deadlineMs),
    release: (sessionId) => asked.tell({ op: 'release', sessionId }),
  };
}

const KEEPS_ROOT = 'the outbound reader keeps root: its own user cannot reach the folder';
