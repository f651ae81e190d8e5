import type { InboundEvent } from '../channels/adapter.js';
import { addressesIn, withoutAddress } from '../commands/parse.js';
import type { Question, QuestionOption } from '../db/questions.js';

/** How long after a question was closed a bare answer to it is still taken for one. */
const LATE_MS = 10 * 60_000;

const fold = (text: string) => text.normalize('NFKC').trim().toLowerCase();

/** The option that a text names: by its number as shown (from 1), its label or its value. */
function optionByText(question: Pick<Question, 'options'>, text: string): QuestionOption | undefined {
  const said = fold(text);
  const number = /^(\d{1,3})[.)]?$/.exec(said)?.[1];
  const named = question.options.find((one) => fold(one.label) === said || fold(one.value) === said);
  return named ?? (number === undefined ? undefined : question.options[Number(number) - 1]);
}

/** The option of a button: its value, or its place (from 0) where the channel has forgotten what it stood for. */
function optionByClick(question: Pick<Question, 'options'>, text: string): QuestionOption | undefined {
  const place = /^\d{1,3}$/.test(text) ? question.options[Number(text)] : undefined;
  return question.options.find((one) => one.value === text) ?? place;
}

export interface Match<T extends Question> {
  question: T;
  option: QuestionOption;
}

export interface MatchContext {
  /** What wakes the agents here: `@Andy 2` is an answer as well. */
  patterns: readonly string[];
  /** The platform's ids of the message that asks; empty: not known to have arrived. */
  messageIds(question: Question): readonly string[];
  now: number;
}

/** The question, newest first, that an event answers; closed ones too, where it is clear that they are meant. */
export function matchAnswer<T extends Question>(
  event: InboundEvent,
  questions: readonly T[],
  context: MatchContext,
): Match<T> | null {
  if (event.kind === 'click') return matchClick(event, questions, context);
  if (event.kind === 'message') return matchText(event, questions, context);
  return null;
}

function matchClick<T extends Question>(
  event: InboundEvent,
  questions: readonly T[],
  context: MatchContext,
): Match<T> | null {
  const withOption = matches(questions, (question) => optionByClick(question, event.text));
  const meant = repliedTo(event, withOption, context);
  if (meant) return meant;
  // Sent, and not written down before the host ended: its id is not known here.
  const lost = withOption.filter(
    ({ question }) => isOpen(question) && context.messageIds(question).length === 0,
  );
  return lost.length === 1 ? (lost[0] ?? null) : null;
}

function matchText<T extends Question>(
  event: InboundEvent,
  questions: readonly T[],
  context: MatchContext,
): Match<T> | null {
  const text = event.text.normalize('NFKC').trim();
  const bare = withoutAddress(text, addressesIn(event, context.patterns));
  const here = questions.filter((question) => question.to.threadId === event.threadId);
  const withOption = matches(here, (question) => optionByText(question, bare));
  const meant = repliedTo(event, withOption, context);
  if (meant) return meant;
  const open = withOption.find(({ question }) => isOpen(question));
  if (open) return open;
  // What speaks to the agent is for the agent. In a group a bare "2" would go nowhere and nobody would know why.
  if (!event.isGroup || event.mentioned || bare !== text) return null;
  const recent = ({ closedAt }: Question) => closedAt !== null && context.now - closedAt < LATE_MS;
  return withOption.find(({ question }) => recent(question)) ?? null;
}

function matches<T extends Question>(
  questions: readonly T[],
  choose: (question: T) => QuestionOption | undefined,
): Match<T>[] {
  return questions.flatMap((question) => {
    const option = choose(question);
    return option ? [{ question, option }] : [];
  });
}

function repliedTo<T extends Question>(
  { replyTo }: InboundEvent,
  among: readonly Match<T>[],
  context: MatchContext,
): Match<T> | undefined {
  if (replyTo === null) return undefined;
  return among.find(({ question }) => context.messageIds(question).includes(replyTo));
}

const isOpen = (question: Question) => question.state === 'open';
