import type { Sender } from '../channels/adapter.js';
import type { HeldRequest } from '../credentials/onecli/approval-request.js';
import type { Question, QuestionOption } from '../db/central/questions.js';
import type { StoredSender } from '../db/content.js';
import { shortHash } from '../ids.js';
import { normalized } from '../normalized.js';
import { excerpt } from '../tasks/listing.js';
import { type Sentence, sentences } from '../voice/index.js';

/** What ends a question, by an answer or without, is one and the same row of inbound.db. */
export function answerRowId({ sessionId, messageKey }: Pick<Question, 'sessionId' | 'messageKey'>): string {
  return `in_answer_${shortHash(`${sessionId} ${messageKey}`, 20)}`;
}

/** Names and labels are other people's text: on one line, in quotes, and not endless. */
const quoted = (text: string) => JSON.stringify(text.length > 200 ? `${text.slice(0, 199)}…` : text);

const named = ({ questionId, question }: Question) => `Your question ${questionId}, ${quoted(question)},`;

/** With the role: anybody may bear the owner's name. */
export function answeredNews(
  question: Question,
  option: QuestionOption,
  { name, id, role }: Sender & Pick<StoredSender, 'role'>,
): string {
  const value = option.value === option.label ? '' : ` (value ${quoted(option.value)})`;
  return `${named(question)} was answered by ${quoted(name)} (${id}, ${role}): ${quoted(option.label)}${value}.`;
}

export const expiredNews = (question: Question) =>
  `${named(question)} has expired: nobody answered in time. Do not wait for an answer to it.`;

export const outcomeOf = (option: QuestionOption, sender: Sender) =>
  `${option.label} (${excerpt(sender.name)})`.replace(/\s+/g, ' ').slice(0, 300);

/** What somebody is told who answers a question that is closed. */
export function lateWords({ state, outcome }: Question): Sentence {
  if (state === 'expired') return sentences.asks.expired();
  return outcome === '' ? sentences.asks.answered() : sentences.asks.answeredWith({ outcome });
}

const NOT_YOURS = {
  owner: sentences.asks.forOwner,
  admin: sentences.asks.forAdmins,
  member: sentences.asks.forAdded,
  guest: sentences.asks.forAsked,
};

export function notYours({ askedFor, behind }: Pick<Question, 'askedFor' | 'behind'>): Sentence {
  return NOT_YOURS[askedFor === 'owner' || askedFor === 'admin' ? askedFor : behind.highest]();
}

/** Six digits that tell open requests apart, and that a person may type. */
export const codeOf = ({ id }: Pick<HeldRequest, 'id'>) => shortHash(id, 6);

/** The code in `approve 1a2b3c`, in any spelling of upper and lower case; null: it is no such answer. */
export function codeIn(text: string): string | null {
  return /^(?:approve|deny)\s+([0-9a-f]{6})$/.exec(normalized(text).trim().toLowerCase())?.[1] ?? null;
}

/** OneCLI gives at most so much of a body. */
const PREVIEW_BYTES = 4000;

/**
 * All that is known of what will be sent, from its own bytes: nothing is summed up, characters that change how others
 * look are spelled out, and no formatting of a chat counts in it.
 */
export function detailsOf(request: HeldRequest, agentName: string): Sentence {
  const body = request.body === null ? '' : `\n\n${request.body}`;
  const bytes = visible(`${request.method} ${request.url}${body}`);
  const longest = Math.max(2, ...[...bytes.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  const isCut = request.body !== null && Buffer.byteLength(request.body) >= PREVIEW_BYTES;
  const agent = quotedAgent(agentName);
  return sentences.asks.approvalDetails({ agent, bytes: `${fence}\n${bytes}\n${fence}`, isCut });
}

/** What an approval is about, for `sentences.asks`. */
export const namesOf = (request: HeldRequest, agentName: string) => ({
  agent: quotedAgent(agentName),
  what: visible(`${request.method} ${hostOf(request.url)}`),
  code: codeOf(request),
});

export function approvalOutcome(
  request: HeldRequest,
  decision: 'approve' | 'deny',
  by: { name: string } | null,
): Sentence {
  const names = namesOf(request, '');
  if (!by) return sentences.asks.approvalExpired(names);
  return sentences.asks[decision === 'approve' ? 'approved' : 'denied']({ ...names, by: excerpt(by.name) });
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url.slice(0, 100);
}

const quotedAgent = (name: string) => JSON.stringify(visible(name).slice(0, 100));

/** With control characters other than a line's end, and all that is unseen or turns the direction of writing, spelled out. */
function visible(text: string): string {
  return text.replace(
    /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu,
    (found) => `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
