import { type Address, addressOf, sameChat } from '../address.js';
import { within } from '../async/deadline.js';
import type { ChannelAdapter, InboundEvent, OutboundPart } from '../channels/adapter.js';
import { type Clock, sleep } from '../clock.js';
import type { HeldRequest } from '../credentials/onecli/approval-request.js';
import { oneCliIdentifier } from '../credentials/onecli/client.js';
import { listAgentGroups } from '../db/central/agent-groups.js';
import { addAudit } from '../db/central/audit.js';
import type { CentralDb } from '../db/central/index.js';
import { UNKNOWN } from '../db/inbound/behind.js';
import type { AgentGroup } from '../db/types.js';
import { reasonOf } from '../errors.js';
import { newId } from '../ids.js';
import type { Log } from '../log/index.js';
import { mainChat } from '../people/main-chat.js';
import type { Taken } from '../router/types.js';
import { createSay, type Sentence, sentences } from '../voice/index.js';
import type { Ask } from './ask.js';
import { approvalOutcome, codeIn, codeOf, detailsOf, namesOf } from './words.js';

const SEND_TIMEOUT_MS = 10_000;
const ASK_AGAIN_MS = 5000;
/** Of one agent group; what it asks for beyond is denied, or it could bury the chat that decides. */
const MOST_OPEN = 5;

type Decision = 'approve' | 'deny';

interface Open extends Ask {
  request: HeldRequest;
  asker: AgentGroup;
  code: string;
  told: string[];
  /** What is to be sent stands in the chat. */
  shown: boolean;
}

export interface HeldDeps {
  db: CentralDb;
  clock: Clock;
  log: Log;
  channels: { get(channelType: string): ChannelAdapter | undefined };
}

export interface HeldRequests {
  /** Asks the owner's chat and resolves with what was decided there; without an answer in time: denied. Never rejects. */
  decide(request: HeldRequest): Promise<Decision>;
  /** What waits for a decision in a chat. */
  askedIn(event: InboundEvent): Ask[];
  /** Replies to an approval of what does not wait here (any more). Null: it is none. */
  takeStray(event: InboundEvent, words: readonly string[]): Taken;
}

/** What OneCLI holds until a person has looked: asked in the main group's chat, settled by its owner or an admin. */
export function createHeldRequests({ db, clock, log, channels }: HeldDeps): HeldRequests {
  const open = new Map<string, Open>();

  const say = createSay({ clock, channels });
  /** Not waited for: a chat in which nothing can be said would be asked to deliver its message for ever. */
  const tell = (to: Address, text: Sentence): { kind: 'command' } => {
    say(to, text).catch((error: unknown) =>
      log.warn({ chat: to.platformId, reason: reasonOf(error) }, 'word about an approval not said'),
    );
    return { kind: 'command' };
  };
  const ask = async (one: Open): Promise<void> => {
    const { request, asker, to, code, told } = one;
    if (!one.shown) await say(to, detailsOf(request, asker.name));
    one.shown = true;
    const names = namesOf(request, asker.name);
    const adapter = channels.get(to.channelType);
    if (!adapter?.capabilities.buttons) return say(to, sentences.asks.approvalAsked(names));
    const part: OutboundPart = {
      type: 'question',
      questionId: `approval-${code}`,
      title: sentences.asks.approvalTitle(names),
      question: sentences.asks.approvalHow(names),
      options: [...one.options],
    };
    const { messageIds } = await within(clock, SEND_TIMEOUT_MS, undefined, (signal) =>
      adapter.deliver({ to, part, idempotencyKey: newId('out'), signal }),
    );
    told.push(...messageIds);
  };
  const askUntilHeard = async (one: Open): Promise<void> => {
    while (open.has(one.code)) {
      try {
        return await ask(one);
      } catch (error) {
        log.warn(
          { approval: one.request.id, reason: reasonOf(error) },
          'approval not asked for, trying again',
        );
        await sleep(clock, ASK_AGAIN_MS);
      }
    }
  };

  function writeDown({ request, asker, code }: Open, decision: Decision, by: { id: string } | null): void {
    const detail = { decision, agentGroup: asker.id, by: by ? 'person' : 'expiry', code };
    const subject = `${request.method} ${request.url}`.slice(0, 300);
    try {
      addAudit(db, { actor: by?.id ?? 'host', action: 'approval.decided', subject, detail }, clock.now());
    } catch (error) {
      // It is decided all the same; thrown out of the timer of its expiry this would end the host.
      log.error({ approval: request.id, reason: reasonOf(error) }, 'approval not written down');
    }
    log.info({ approval: request.id, ...detail }, 'approval decided');
  }

  const hold = (request: HeldRequest, asker: AgentGroup, main: NonNullable<ReturnType<typeof mainChat>>) =>
    new Promise<Decision>((resolve) => {
      const code = codeOf(request);
      const settle = (decision: Decision, by: { id: string; name: string } | null): void => {
        timer.cancel();
        open.delete(code);
        resolve(decision);
        writeDown(one, decision, by);
        tell(one.to, approvalOutcome(request, decision, by));
      };
      const { channelType, platformId } = main.messagingGroup;
      const told: string[] = [];
      const one: Open = {
        ...{ request, asker, code, told, shown: false },
        ...{ askedFor: 'admin', behind: UNKNOWN, agentGroupId: main.agentGroup.id },
        ...{ state: 'open', closedAt: null, isExact: true },
        to: { channelType, platformId, threadId: '' },
        options: [
          { label: 'Approve', value: `approve ${code}` },
          { label: 'Deny', value: `deny ${code}` },
        ],
        messageIds: () => told,
        async answered({ option, event }) {
          settle(option.label === 'Approve' ? 'approve' : 'deny', event.sender);
          return { kind: 'command' };
        },
        refused: (event) => tell(addressOf(event), sentences.asks.approvalNotYours()),
      };
      open.set(code, one);
      const timer = clock.after(Math.max(0, request.expiresAt - clock.now()), () => settle('deny', null));
      void askUntilHeard(one);
    });

  const untilExpiry = async (request: HeldRequest): Promise<Decision> => {
    await sleep(clock, Math.max(0, request.expiresAt - clock.now()));
    return 'deny';
  };

  async function decide(request: HeldRequest): Promise<Decision> {
    const asker = listAgentGroups(db).find(({ id, name }) => {
      return oneCliIdentifier({ identifier: id, name }) === request.agent;
    });
    // An agent that somebody else made is for them to decide about.
    if (!asker) return untilExpiry(request);
    const main = mainChat(db);
    if (!main) {
      log.warn({ approval: request.id }, 'an approval is asked for, and there is no main group to ask');
      return untilExpiry(request);
    }
    if ([...open.values()].filter((one) => one.asker.id === asker.id).length >= MOST_OPEN) return 'deny';
    return hold(request, asker, main);
  }

  return {
    decide: (request) =>
      decide(request).catch((error: unknown) => {
        log.error({ approval: request.id, reason: reasonOf(error) }, 'approval cannot be asked for');
        return untilExpiry(request);
      }),
    askedIn: (event) => [...open.values()].filter((one) => sameChat(one.to, event)),
    takeStray(event, words) {
      const code = words.map(codeIn).find((one) => one !== null);
      if (!code) return null;
      const one = open.get(code);
      // A button with the right words on a message that is not ours.
      return one && sameChat(one.to, event) ? null : tell(addressOf(event), sentences.asks.approvalUnknown());
    },
  };
}
