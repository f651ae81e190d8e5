import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import { createActionRegistry } from '../../../src/actions/index.js';
import type { SystemAction } from '../../../src/actions/types.js';
import type { Asked } from '../../../src/asks/index.js';
import type { ChannelCapabilities } from '../../../src/channels/adapter.js';
import type { CrashPointName } from '../../../src/crash-point.js';
import type { Session } from '../../../src/db/types.js';
import { createDelivery, type DeliveryDeps } from '../../../src/delivery.js';
import { readFileNoFollow } from '../../../src/files/no-follow.js';
import { createStageWatch } from '../../../src/metrics/index.js';
import { parseRead } from '../../../src/outbound-reader/parse-reply.js';
import { FileReader } from '../../../src/outbound-reader/read-file.js';
import type { OutboundReader } from '../../../src/outbound-reader/types.js';
import { createTasks } from '../../../src/tasks/index.js';
import { createFakeChannel } from '../../fakes/chat-channel.js';
import { createMemoryLog } from '../../fakes/log.js';
import { wire, workspace } from '../session-manager/workspace.js';
import { createContainer } from './container.js';

export { channelError } from '../../fakes/chat-channel.js';

/** Lets everything happen that needs no time: commits, promises. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Waits for something that real input and output bring about. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

export interface WorldOptions {
  capabilities?: Partial<ChannelCapabilities>;
  actions?: SystemAction[];
  max?: number;
  reader?: Pick<OutboundReader, 'read'>;
  onCrashPoint?: (name: CrashPointName) => void;
}

/** The reader's own code without its process. */
function inProcessReader(): Pick<OutboundReader, 'read'> {
  const files = new FileReader();
  return {
    async read({ sessionId, file, afterSeq, afterAck }) {
      return parseRead(files.read(sessionId, file, afterSeq, afterAck), { afterSeq, afterAck });
    },
  };
}

/** Delivery over real databases and files, with a fake clock and a fake platform; chats `fake:1` to `fake:3` are wired. */
export function createWorld(options: WorldOptions = {}) {
  const space = workspace();
  const { db, clock, manager } = space;
  const { log, lines } = createMemoryLog();
  for (const n of [1, 2, 3]) {
    wire(db, { id: `mg_f${n}`, name: `Chat ${n}`, channelType: 'fake', platformId: `fake:${n}` });
  }
  const { capabilities = {}, max = 100 } = options;
  const channel = createFakeChannel({ clock, capabilities, max });
  const channels = new Map([['fake', channel.adapter]]);
  const calls: string[] = [];
  const asked: Asked[] = [];
  const owner: Omit<Parameters<NonNullable<DeliveryDeps['tellOwner']>>[0], 'sessionId' | 'to'>[] = [];
  const reader = options.reader ?? inProcessReader();
  const deps: DeliveryDeps = {
    ...{ central: db, sessions: manager, reader, channels, clock, log, random: () => 0.5 },
    containers: {
      wake: (sessionId) => void calls.push(`wake ${sessionId}`),
      incarnation: () => 1,
      async recover(sessionId) {
        calls.push(`recover ${sessionId}`);
      },
      async stop(sessionId, reason) {
        calls.push(`stop ${sessionId} ${reason}`);
        return null;
      },
    },
    actions: createActionRegistry(options.actions ?? []),
    tasks: createTasks({ timeZone: 'Europe/Berlin', log, crashPoint: options.onCrashPoint ?? (() => {}) }),
    stages: createStageWatch({ db, clock, log, sessions: manager }),
    asks: { asked: (question) => void asked.push(question) },
    readFile: readFileNoFollow,
    tellOwner: (news) => void owner.push(news),
    crashPoint: options.onCrashPoint ?? (() => {}),
  };
  let delivery = createDelivery(deps);
  const session = space.resolve();
  onTestFinished(async () => {
    channel.release();
    const stopped = delivery.stop(0);
    await clock.advance(0);
    await stopped;
  });
  const pass = async (ms: number, step = 1000) => {
    for (let left = ms; left > 0; left -= step) {
      await clock.advance(Math.min(step, left));
      await settle();
    }
  };
  return {
    ...{ ...space, channel, channels, calls, asked, owner, lines, session, deps, pass },
    said: () => channel.arrived.map((one) => one.said),
    container: createContainer(manager.paths(session)),
    delivery: () => delivery,
    async drain(sessionId = session.id) {
      await delivery.drain(sessionId);
      await settle();
    },
    /** The host ends as a process does that is killed, and starts again. */
    async restart(changed: Partial<DeliveryDeps> = {}) {
      const old = delivery.stop(0);
      await clock.advance(0);
      await old;
      delivery = createDelivery({ ...deps, ...changed });
    },
    ledger: () => readLedger(manager.paths(session).inboundDb),
    news: () => readNews(manager.paths(session).inboundDb),
    writeFile(path: string, data: string) {
      const { filesOut } = manager.paths(session);
      mkdirSync(filesOut, { recursive: true });
      writeFileSync(join(filesOut, path), data);
    },
  };
}

export type World = ReturnType<typeof createWorld>;
export type { Session };

interface LedgerRow {
  key: string;
  part: number;
  state: string;
  attempts: number;
  next: number | null;
  class: string | null;
  doubt: number | null;
}

function readLedger(file: string): LedgerRow[] {
  return rows<LedgerRow>(
    file,
    `SELECT key, part, state, attempts, next_attempt_at AS next, error_class AS class, doubt_since AS doubt
     FROM delivered ORDER BY seq, created_at, part`,
  );
}

function readNews(file: string): string[] {
  const sql = "SELECT content FROM messages_in WHERE kind = 'system' AND trigger = 0 ORDER BY seq";
  return rows<{ content: string }>(file, sql).map(({ content }) => JSON.parse(content).text);
}

function rows<T>(file: string, sql: string): T[] {
  const db = new Database(file, { readonly: true });
  try {
    return db.prepare<[], T>(sql).all();
  } finally {
    db.close();
  }
}
