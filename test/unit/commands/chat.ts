import type { InboundEvent } from '../../../src/channels/adapter.js';
import { type CommandDeps, createCommands } from '../../../src/commands/index.js';
import type { StoredSender } from '../../../src/db/content.js';
import type { Behind } from '../../../src/db/inbound/behind.js';
import { insertMessage } from '../../../src/db/inbound/messages-in.js';
import type { StageTimes } from '../../../src/metrics/index.js';
import type { EngagedWiring } from '../../../src/router/types.js';
import { createTaskBounds } from '../../../src/tasks/bounds.js';
import { createTaskControl } from '../../../src/tasks/control.js';
import { chat } from '../db/inbound-file.js';
import { createWorld, settle } from '../delivery/world.js';
import { andy } from '../session-manager/workspace.js';

export const ada: StoredSender = { id: 'fake:ada', name: 'Ada', role: 'member' };
export const eve: StoredSender = { id: 'fake:eve', name: 'Ada', role: 'guest' };
export const mallory: StoredSender = { id: 'fake:mallory', name: 'Ada', role: 'guest' };
export const here = { channelType: 'fake', platformId: 'fake:1', threadId: '' };

/** Commands in one chat over real sessions and a real delivery. */
export function createChat(up = true) {
  const world = createWorld({ max: 500 });
  const group = {
    ...{ id: 'mg_f1', channelType: 'fake', platformId: 'fake:1', name: 'Chat 1', isGroup: true },
    ...{ adminUserId: null, unknownSenderPolicy: 'open' as const, createdAt: 1 },
    ...{ lastPlatformMessageId: null, lastPlatformAt: null },
  };
  const session = world.manager.resolve({
    ...{ agentGroup: andy, messagingGroup: group, threadId: '', mode: 'shared' },
  });
  const state = { up, queued: [] as string[], last: null as StageTimes | null };
  const calls: string[] = [];
  const deps: CommandDeps = {
    ...{
      sessions: world.manager,
      delivery: world.delivery(),
      voice: { durable: world.delivery().notice },
      reader: world.deps.reader,
    },
    ...{ clock: world.clock, log: world.deps.log, tasks: world.deps.tasks },
    taskControl: createTaskControl({
      ...{ db: world.db, sessions: world.manager, clock: world.clock, timeZone: 'Europe/Berlin' },
      bounds: createTaskBounds({ db: world.db, sessions: world.manager, log: world.deps.log }),
      wake: (id) => void calls.push(`wake ${id === session.id}`),
    }),
    ...{ db: world.db, timeZone: 'Europe/Berlin' },
    stages: { last: () => state.last },
    containers: {
      wake: (id) => void calls.push(`wake ${id === session.id}`),
      isUp: () => state.up,
      async stop(_id, reason) {
        calls.push(`stop ${reason}`);
        return null;
      },
      snapshot: () => ({ running: [], queued: state.queued, capacity: 1 }),
    },
  };
  const commands = createCommands(deps);
  const wiring: EngagedWiring = {
    agentGroup: andy,
    messagingGroup: group,
    role: 'member',
    wiring: {
      ...{ id: 'w', messagingGroupId: 'mg_f1', agentGroupId: 'ag_1', sessionMode: 'shared', priority: 0 },
      triggerRules: { pattern: '@Andy', requiresTrigger: true, whenIgnored: 'drop', bots: false },
      createdAt: 1,
    },
  };
  let n = 0;
  const event = (text: string, { id, name }: Pick<StoredSender, 'id' | 'name'> = ada): InboundEvent => {
    n += 1;
    return {
      ...here,
      ...{ messageId: `e${n}`, kind: 'message', chatName: 'Chat 1', isGroup: true, mentioned: false },
      sender: { id, name, isBot: false, self: false },
      ...{ text, replyTo: null, attachments: [], at: 1 },
    };
  };
  const handle = async (one: InboundEvent, engaged: EngagedWiring[] = [wiring]) => {
    const handled = await commands.handle(one, engaged);
    await settle();
    return handled;
  };
  const receive = async (platformMessageId: string, threadId = '', sender = ada) =>
    (
      await world.manager.write(session.id, (db) =>
        insertMessage(db, chat(platformMessageId, { address: { ...here, threadId }, sender })),
      )
    ).id;
  const task = (behind?: Behind) =>
    world.manager.write(session.id, (db) =>
      insertMessage(db, {
        ...{ kind: 'task', trigger: 1, address: here, createdAt: 1, processAfter: world.clock.now() - 1 },
        ...{ seriesId: 'ser_1', content: { prompt: 'p', chat: '' }, behind },
      }),
    );
  const statuses = () =>
    world.manager.read(session.id, (db) =>
      db.prepare<[], string>("SELECT kind || ' ' || status FROM messages_in ORDER BY seq").pluck().all(),
    );
  const guest: EngagedWiring = { ...wiring, role: 'guest' };
  return { ...world, session, state, calls, wiring, guest, event, handle, receive, task, statuses };
}
