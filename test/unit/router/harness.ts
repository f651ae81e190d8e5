import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Address } from '../../../src/address.js';
import type { InboundEvent } from '../../../src/channels/adapter.js';
import type { CrashPointName } from '../../../src/crash-point.js';
import { openCentralDb } from '../../../src/db/central/index.js';
import type { ChatContent } from '../../../src/db/content.js';
import { createAttachmentStore } from '../../../src/files/attachments.js';
import { createLog } from '../../../src/log/index.js';
import { createPairings } from '../../../src/people/pairing.js';
import { createRegistration, type RegistrationRequest } from '../../../src/people/registration/index.js';
import { createQuarantine } from '../../../src/quarantine/index.js';
import type { RouterDeps } from '../../../src/router/types.js';
import { createRouter, type EngagedWiring } from '../../../src/router.js';
import { createSessionManager } from '../../../src/session-manager.js';
import { createVoice } from '../../../src/voice/index.js';
import { createFakeClock } from '../../fakes/clock.js';

export interface Row {
  seq: number;
  trigger: 0 | 1;
  status: string;
  thread_id: string;
  platform_message_id: string;
  process_after: number | null;
  sender: { id: string; name: string; role: string };
  content: ChatContent;
}

/** The router on real databases, real session files and a real attachment store; only the container end is a list. */
export function createHarness(overrides: Partial<RouterDeps> = {}) {
  const home = mkdtempSync(join(tmpdir(), 'wharfie-router-'));
  const paths = {
    sessions: join(home, 'sessions'),
    groups: join(home, 'groups'),
    agentFolders: join(home, 'agents'),
  };
  for (const folder of Object.values(paths)) mkdirSync(folder);
  const clock = createFakeClock();
  const db = openCentralDb(join(home, 'v2.db'));
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line));
  const log = createLog({ write }, { level: 'debug' });
  const registration = createRegistration({
    db,
    clock,
    normalizePlatformId: (_channel, raw) => raw,
    assistantName: 'Andy',
  });
  const pairings = createPairings({ db, clock, registration });
  const sessionManager = createSessionManager({ db, paths, clock, log, onStuck: () => {} });
  const said: { to: Address; text: string }[] = [];
  const woken: string[] = [];
  /** Sessions whose container runs. */
  const up = new Set<string>();
  const crashPoints: CrashPointName[] = [];
  const committed: { id: string; received: number; committed: number }[] = [];
  const commands: { text: string; folders: string[] }[] = [];
  const deps: RouterDeps = {
    db,
    clock,
    log,
    crashPoint: (name) => void crashPoints.push(name),
    sessionManager,
    attachments: createAttachmentStore({ clock }),
    containerRunner: { wake: (sessionId) => void woken.push(sessionId), isUp: (id) => up.has(id) },
    commands: {
      handle: async (event: InboundEvent, engaged: readonly EngagedWiring[]) => {
        if (!event.text.startsWith('/')) return false;
        commands.push({ text: event.text, folders: engaged.map((one) => one.agentGroup.folder) });
        return true;
      },
    },
    asks: { take: async () => null },
    quarantine: createQuarantine({ db, clock, log, tell: () => {}, retake: async () => 'later' }),
    stages: { committed: (id, at) => void committed.push({ id, ...at }) },
    pairings,
    voice: createVoice({
      ...{ db, clock, log, sessions: sessionManager, durable: async () => true },
      say: async (to, text) => void said.push({ to, text }),
    }),
    ...overrides,
  };
  const router = createRouter(deps);
  onTestFinished(async () => {
    await sessionManager.close();
    db.close();
    rmSync(home, { recursive: true, force: true });
  });

  const sessions = () =>
    db
      .prepare<[], { id: string; folder: string; thread_id: string }>(
        `SELECT s.id, s.thread_id, a.folder FROM sessions s JOIN agent_groups a ON a.id = s.agent_group_id
         ORDER BY s.rowid`,
      )
      .all();

  return {
    home,
    db,
    clock,
    committed,
    deps,
    lines,
    registration,
    pairings,
    sessionManager,
    router,
    said,
    woken,
    up,
    crashPoints,
    commands,
    sessions,
    register: (request: Partial<RegistrationRequest> = {}) =>
      registration.register({
        channelType: 'telegram',
        platformId: 'telegram:-1',
        name: 'Family',
        folder: 'family',
        isGroup: true,
        ...request,
      }),
    /** What the agent of this folder will read, over all its sessions. */
    rows(folder: string): Row[] {
      return sessions()
        .filter((session) => session.folder === folder)
        .flatMap((session) =>
          sessionManager.read(session.id, (inbound) =>
            inbound
              .prepare<[], Omit<Row, 'sender' | 'content'> & { sender: string; content: string }>(
                `SELECT seq, trigger, status, thread_id, platform_message_id, process_after, sender, content
                 FROM messages_in ORDER BY seq`,
              )
              .all(),
          ),
        )
        .map((row) => ({ ...row, sender: JSON.parse(row.sender), content: JSON.parse(row.content) }));
    },
    texts(folder: string): string[] {
      return this.rows(folder).map((row) => row.content.text);
    },
    dropped: () =>
      db
        .prepare<[], { reason: string; count: number }>(
          'SELECT reason, sum(count) AS count FROM dropped_messages GROUP BY reason ORDER BY reason',
        )
        .all(),
    held: () => db.prepare<[], { n: number }>('SELECT count(*) AS n FROM held_messages').get()?.n,
  };
}

export type Harness = ReturnType<typeof createHarness>;

let messages = 0;

/** A message of Ada in the Telegram group -1, unless told otherwise. */
export function message(text: string, changes: Partial<InboundEvent> = {}): InboundEvent {
  messages += 1;
  return {
    channelType: 'telegram',
    platformId: 'telegram:-1',
    threadId: '',
    messageId: `m${messages}`,
    kind: 'message',
    chatName: 'Family',
    isGroup: true,
    mentioned: false,
    sender: { id: 'telegram:77', name: 'Ada', isBot: false, self: false },
    text,
    replyTo: null,
    attachments: [],
    at: Date.UTC(2026, 0, 15, 12) + messages * 1000,
    ...changes,
  };
}

export const direct = (text: string, changes: Partial<InboundEvent> = {}) =>
  message(text, { platformId: 'telegram:77', isGroup: false, chatName: 'Ada', ...changes });

export const bot = (id = 'telegram:900') => ({ id, name: 'Robo', isBot: true, self: false });
