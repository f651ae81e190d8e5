import type { Address } from '../address.js';
import type { InboundEvent } from '../channels/adapter.js';
import { addressesIn, withoutAddress } from '../commands/parse.js';
import type { Question, QuestionOption } from '../db/central/questions.js';
import type { StoredSender } from '../db/content.js';
import { isAtLeast } from '../db/inbound/behind.js';
import { normalized } from '../normalized.js';
import type { Taken } from '../router/types.js';

/** How long after an ask was closed a bare answer to it is still taken for one. */
const LATE_MS = 10 * 60_000;

type Role = StoredSender['role'];

/** An answer of somebody who may give it. */
export interface Answer {
  option: QuestionOption;
  event: InboundEvent;
  role: Role;
}

/** Something asked of people in a chat: a question of an agent, or a request that is held until somebody approves. */
export interface Ask extends Pick<Question, 'askedFor' | 'behind' | 'state' | 'closedAt'> {
  to: Address;
  options: readonly QuestionOption[];
  /** An answerer has the role that this agent group gives. */
  agentGroupId: string;
  /**
   * Nobody can mean anything else by its values: they count in every thread, and who may not settle it is told so. For
   * the same reason its numbers and labels do not count as words, nor a button's place on a message that is not known.
   */
  isExact: boolean;
  /** The platform's ids of the message that asks; empty: not known to have arrived. */
  messageIds(): readonly string[];
  /** Settles it, or says what came of it where it is closed. */
  answered(answer: Answer): Promise<Taken>;
  refused(event: InboundEvent): Taken;
}

/**
 * May this person settle the ask? A role that it is for is needed at least. For `asker` that is the role of the strongest
 * because of whom it was asked; and of guests, who have all one role, only those themselves may.
 */
export function mayAnswer(
  { askedFor, behind }: Pick<Ask, 'askedFor' | 'behind'>,
  { id, role }: { id: string; role: Role },
): boolean {
  if (askedFor === 'anyone') return true;
  if (askedFor !== 'asker') return isAtLeast(role, askedFor);
  if (role === 'guest') return behind.highest === 'guest' && behind.ids.includes(id);
  return isAtLeast(role, behind.highest);
}

/** What an event says: as it stands, and without what it is addressed with (`@Andy 2`). */
export function wordsOf(
  event: InboundEvent,
  patterns: readonly string[],
): readonly [text: string, bare: string] {
  const text = normalized(event.text).trim();
  return [text, withoutAddress(text, addressesIn(event, patterns))];
}

export interface Match<T extends Ask> {
  ask: T;
  option: QuestionOption;
}

/** The ask that a click or a text answers, the first that fits; closed ones too, where it is clear that they are meant. */
export function matchAnswer<T extends Ask>(
  event: InboundEvent,
  asks: readonly T[],
  { patterns, now }: { patterns: readonly string[]; now: number },
): Match<T> | null {
  const isClick = event.kind === 'click';
  const [text, bare] = wordsOf(event, patterns);
  const optionOf = (ask: T): QuestionOption | undefined => {
    if (isClick) return optionByClick(ask, event.text);
    if (!ask.isExact && ask.to.threadId !== event.threadId) return undefined;
    return optionByText(ask, text) ?? optionByText(ask, bare);
  };
  const withOption = asks.flatMap((ask) => {
    const option = optionOf(ask);
    return option ? [{ ask, option }] : [];
  });
  const { replyTo } = event;
  const meant =
    replyTo === null ? undefined : withOption.find(({ ask }) => ask.messageIds().includes(replyTo));
  if (meant) return meant;
  const open = withOption.filter(({ ask }) => ask.state === 'open');
  if (isClick) {
    // Sent, and not written down before the host ended: its id is not known here. Any other message with such a button
    // is somebody else's: an agent, too, may put buttons into a chat, and write on them what it likes.
    const lost = open.filter(
      ({ ask, option }) => ask.messageIds().length === 0 && (!ask.isExact || option.value === event.text),
    );
    return lost.length === 1 ? (lost[0] ?? null) : null;
  }
  if (open[0]) return open[0];
  // What speaks to the agent is for the agent. In a group a bare "2" would go nowhere and nobody would know why.
  if (!event.isGroup || event.mentioned || bare !== text) return null;
  const recent = ({ closedAt }: Ask) => closedAt !== null && now - closedAt < LATE_MS;
  return withOption.find(({ ask }) => recent(ask)) ?? null;
}

const fold = (text: string) => normalized(text).trim().toLowerCase().replace(/\s+/g, ' ');

/** The option that a text names: by its number as shown (from 1), its label or its value. */
function optionByText({ options, isExact }: Ask, text: string): QuestionOption | undefined {
  const said = fold(text);
  if (isExact) return options.find(({ value }) => fold(value) === said);
  const number = /^(\d{1,3})[.)]?$/.exec(said)?.[1];
  const named = options.find((one) => fold(one.label) === said || fold(one.value) === said);
  return named ?? (number === undefined ? undefined : options[Number(number) - 1]);
}

/** The option of a button: its value, or its place (from 0) where the channel has forgotten what it stood for. */
function optionByClick({ options }: Ask, text: string): QuestionOption | undefined {
  const place = /^\d{1,3}$/.test(text) ? options[Number(text)] : undefined;
  return options.find((one) => one.value === text) ?? place;
}
