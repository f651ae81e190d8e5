import type { Sender } from '../channels/adapter.js';
import type { Question, QuestionOption } from '../db/questions.js';
import { shortHash } from '../ids.js';

/** What ends a question, by an answer or without, is one and the same row of inbound.db. */
export function answerRowId({ sessionId, messageKey }: Pick<Question, 'sessionId' | 'messageKey'>): string {
  return `in_answer_${shortHash(`${sessionId} ${messageKey}`, 20)}`;
}

/** Names and labels are other people's text: on one line, in quotes, and not endless. */
const quoted = (text: string) => JSON.stringify(text.length > 200 ? `${text.slice(0, 199)}…` : text);

const named = ({ questionId, question }: Question) => `Your question ${questionId}, ${quoted(question)},`;

export function answeredNews(question: Question, option: QuestionOption, sender: Sender): string {
  const value = option.value === option.label ? '' : ` (value ${quoted(option.value)})`;
  return `${named(question)} was answered by ${quoted(sender.name)} (${sender.id}): ${quoted(option.label)}${value}.`;
}

export const expiredNews = (question: Question) =>
  `${named(question)} has expired: nobody answered in time. Do not wait for an answer to it.`;

export const outcomeOf = (option: QuestionOption, sender: Sender) =>
  `${option.label} (${sender.name})`.replace(/\s+/g, ' ').slice(0, 300);

/** What somebody is told who answers a question that is closed. */
export function lateWords({ state, outcome }: Question): string {
  if (state === 'expired') return 'That question has expired. Write to me if it still matters.';
  return outcome === ''
    ? 'That question was answered already.'
    : `That question was answered already: ${outcome}.`;
}
