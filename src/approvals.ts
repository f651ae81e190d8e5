import { answerOf } from './approvals/answer.js';
import { codeOf, type Decision, detailsOf, howToAnswer, outcomeOf, titleOf } from './approvals/words.js';
import type { ChannelAdapter, InboundEvent, OutboundPart } from './channels/adapter.js';
import { type Clock, sleep, type Timer } from './clock.js';
import type { HeldRequest } from './credentials/onecli/approval-request.js';
import { oneCliIdentifier } from './credentials/onecli/client.js';
import { listAgentGroups } from './db/agent-groups.js';
import { addAudit } from './db/audit.js';
import type { CentralDb } from './db/central.js';
import type { Address, AgentGroup } from './db/types.js';
import { reasonOf } from './errors.js';
import { newId } from './ids.js';
import type { Log } from './log.js';
import { mainChat } from './main-chat.js';
import type { AnswerTaker, EngagedWiring } from './router/types.js';

const SEND_TIMEOUT_MS = 10_000;
const ASK_AGAIN_MS = 5000;
/** Of one agent group; what it asks for beyond is denied, or it could bury the chat that decides. */
const MOST_OPEN = 5;

interface Open {
  request: HeldRequest;
  agentGroup: AgentGroup;
  to: Address;
  mainId: string;
  messageIds: string[];
  /** What is to be sent stands in the chat. */
  shown: boolean;
  settle(decision: Decision, by: { id: string; name: string } | null): void;
}

export interface Approvals extends AnswerTaker {
  /** Asks the owner's chat and resolves with what was decided there; without an answer in time: denied. Never rejects. */
  decide(request: HeldRequest): Promise<Decision>;
}

/** What OneCLI holds until a person has looked: asked in the main group's chat, settled by its owner or an admin. */
export function createApprovals(deps: {
  db: CentralDb;
  clock: Clock;
  log: Log;
  channels: { get(channelType: string): ChannelAdapter | undefined };
}): Approvals {
  const { db, clock, log } = deps;
  const open = new Map<string, Open>();

  const send = async (to: Address, part: OutboundPart): Promise<string[]> => {
    const adapter = deps.channels.get(to.channelType);
    if (!adapter) throw new Error('the channel of the main group is not enabled');
    const signal = AbortSignal.timeout(SEND_TIMEOUT_MS);
    return (await adapter.deliver({ to, part, idempotencyKey: newId('out'), signal })).messageIds;
  };
  const say = async (to: Address, text: string): Promise<void> => {
    const pieces = deps.channels.get(to.channelType)?.splitText(text) ?? [];
    for (const piece of pieces) await send(to, { type: 'text', text: piece, files: [], replyTo: null });
  };
  /** The same, where nobody waits for it. */
  const tell = (to: Address, text: string): void => {
    say(to, text).catch((error: unknown) =>
      log.warn({ chat: to.platformId, reason: reasonOf(error) }, 'word about an approval not said'),
    );
  };
  const ask = async (one: Open): Promise<void> => {
    const { request, agentGroup, to, messageIds } = one;
    const code = codeOf(request);
    if (!one.shown) await say(to, detailsOf(request, agentGroup.name));
    one.shown = true;
    const [title, how] = [titleOf(request, agentGroup.name), howToAnswer(code)];
    if (!deps.channels.get(to.channelType)?.capabilities.buttons) return say(to, `${title}\n${how}`);
    const option = (label: string) => ({ label, value: `${label.toLowerCase()} ${code}` });
    const options = [option('Approve'), option('Deny')];
    const question = {
      type: 'question',
      questionId: `approval-${code}`,
      title,
      question: how,
      options,
    } as const;
    messageIds.push(...(await send(to, question)));
  };
  const askUntilHeard = async (one: Open): Promise<void> => {
    while (open.has(codeOf(one.request))) {
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

  const hold = (one: Omit<Open, 'settle' | 'messageIds' | 'shown'>): Promise<Decision> =>
    new Promise((resolve) => {
      const { request, agentGroup, to } = one;
      let timer: Timer | null = null;
      const settle: Open['settle'] = (decision, by) => {
        timer?.cancel();
        open.delete(codeOf(request));
        resolve(decision);
        const detail = {
          decision,
          agentGroup: agentGroup.id,
          by: by ? 'person' : 'expiry',
          code: codeOf(request),
        };
        const subject = `${request.method} ${request.url}`.slice(0, 300);
        try {
          addAudit(db, { actor: by?.id ?? 'host', action: 'approval.decided', subject, detail }, clock.now());
        } catch (error) {
          // It is decided all the same; thrown out of the timer of its expiry this would end the host.
          log.error({ approval: request.id, reason: reasonOf(error) }, 'approval not written down');
        }
        log.info({ approval: request.id, ...detail }, 'approval decided');
        const how = by
          ? `${decision === 'approve' ? 'Approved' : 'Denied'} by ${by.name}`
          : 'Expired, so denied';
        tell(to, outcomeOf(request, how));
      };
      const opened = { ...one, messageIds: [], shown: false, settle };
      open.set(codeOf(request), opened);
      timer = clock.after(Math.max(0, request.expiresAt - clock.now()), () => settle('deny', null));
      void askUntilHeard(opened);
    });

  const untilExpiry = async (request: HeldRequest): Promise<Decision> => {
    await sleep(clock, Math.max(0, request.expiresAt - clock.now()));
    return 'deny';
  };

  async function take(event: InboundEvent, hearing: readonly EngagedWiring[]) {
    const answer = answerOf(event, hearing, open);
    if (!answer) return null;
    const one = open.get(answer.code);
    const { channelType, platformId, threadId } = event;
    const here = { channelType, platformId, threadId };
    const isHere = one && one.to.channelType === channelType && one.to.platformId === platformId;
    const role = hearing.find(({ agentGroup }) => agentGroup.id === one?.mainId)?.role;
    // Not waited for: a chat in which nothing can be said would be asked to deliver its message for ever.
    if (!one || !isHere) tell(here, 'There is no such request that waits (any more).');
    else if (role === 'owner' || role === 'admin') one.settle(answer.decision, event.sender);
    else tell(here, 'Only the owner or an admin may decide that.');
    return { kind: 'command' } as const;
  }

  async function decide(request: HeldRequest): Promise<Decision> {
    const agentGroup = listAgentGroups(db).find(({ id, name }) => {
      return oneCliIdentifier({ identifier: id, name }) === request.agent;
    });
    // An agent that somebody else made is for them to decide about.
    if (!agentGroup) return untilExpiry(request);
    const main = mainChat(db);
    if (!main) {
      log.warn({ approval: request.id }, 'an approval is asked for, and there is no main group to ask');
      return untilExpiry(request);
    }
    if ([...open.values()].filter((one) => one.agentGroup.id === agentGroup.id).length >= MOST_OPEN)
      return 'deny';
    const { channelType, platformId } = main.messagingGroup;
    const to = { channelType, platformId, threadId: '' };
    return hold({ request, agentGroup, to, mainId: main.agentGroup.id });
  }

  return {
    decide: (request) =>
      decide(request).catch((error: unknown) => {
        log.error({ approval: request.id, reason: reasonOf(error) }, 'approval cannot be asked for');
        return untilExpiry(request);
      }),
    async take(event, hearing) {
      if (event.sender.isBot || event.kind === 'reaction') return null;
      return take(event, hearing);
    },
  };
}
