import { createAsks } from '../../../src/asks/index.js';
import type { InboundEvent } from '../../../src/channels/adapter.js';
import type { Question } from '../../../src/db/central/questions.js';
import { personBehind } from '../../../src/db/inbound/behind.js';
import type { NoticeRequest } from '../../../src/delivery.js';
import { createRouter } from '../../../src/router.js';
import { createHarness, message } from '../router/harness.js';

export const ada = (role: 'owner' | 'admin' | 'member' | 'guest') =>
  personBehind({ id: 'telegram:77', role });

/** A question of the agent in `folder`, in the group of the harness, on the real router. */
export async function createAsked(
  options: { timeoutMs?: number; who?: Pick<Question, 'askedFor' | 'behind'> } = {},
) {
  const h = createHarness();
  h.register({ trigger: '@Andy' });
  await h.router.routeInbound(message('@Andy hi'));
  const [session] = h.sessions();
  if (!session) throw new Error('no session');
  const told: (NoticeRequest & { sessionId: string })[] = [];
  const create = () =>
    createAsks({
      ...{
        db: h.db,
        clock: h.clock,
        log: h.deps.log,
        sessions: h.sessionManager,
        containers: h.deps.containerRunner,
        channels: { get: () => undefined },
      },
      async notice(sessionId, notice) {
        told.push({ sessionId, ...notice });
        return true;
      },
    });
  let asks = create();
  let router = createRouter({ ...h.deps, asks });
  const to = { channelType: 'telegram', platformId: 'telegram:-1', threadId: '' };
  const ask = (
    key = 'out:1',
    timeoutMs = options.timeoutMs,
    who: Pick<Question, 'askedFor' | 'behind'> = options.who ?? { askedFor: 'anyone', behind: ada('guest') },
  ) => {
    const texts = [
      { label: 'Red', value: 'red' },
      { label: 'Blue', value: 'blue' },
    ];
    const asked = { sessionId: session.id, messageKey: key, questionId: `q_${key}`, to };
    asks.asked({ ...asked, ...who, question: 'Colour?', options: texts, timeoutMs });
  };
  /** As delivery writes it down. */
  const arrived = (key: string, messageId: string) =>
    h.sessionManager.write(session.id, (db) =>
      db
        .prepare(
          `INSERT INTO delivered (key, part, seq, state, platform_message_id, created_at, updated_at)
           VALUES (?, 0, 1, 'sent', ?, 1, 1)`,
        )
        .run(key, messageId),
    );
  const news = () =>
    h.sessionManager.read(session.id, (db) =>
      db
        .prepare<[], { trigger: number; status: string; content: string }>(
          "SELECT trigger, status, content FROM messages_in WHERE kind = 'system' ORDER BY seq",
        )
        .all()
        .map(({ trigger, content }) => ({ trigger, text: JSON.parse(content).text as string })),
    );
  h.woken.length = 0;
  ask();
  await arrived('out:1', 'tg-5');
  return {
    ...{ ...h, session, told, ask, arrived, news },
    route: (event: InboundEvent) => router.routeInbound(event),
    expire: () => asks.expire(),
    /** What another process finds: nothing but the files. */
    restart() {
      asks = create();
      router = createRouter({ ...h.deps, asks });
    },
  };
}

export const click = (text: string, changes: Partial<InboundEvent> = {}) =>
  message(text, { kind: 'click', replyTo: 'tg-5', ...changes });
export const grace = { id: 'telegram:78', name: 'Grace', isBot: false, self: false };
