import type { InboundEvent } from './channels/adapter.js';
import { channels } from './channels/catalog/index.js';
import { type Dialect, spokenIn } from './channels/spoken.js';
import type { TriggerRules } from './db/types.js';
import { normalized } from './normalized.js';

/** What of an event decides who is woken. */
export interface Engageable {
  kind: InboundEvent['kind'];
  channelType: string;
  text: string;
  mentioned: boolean;
  isGroup: boolean;
}

export interface Engagement<T> {
  /** These are woken. */
  engaged: T[];
  /** These hear it silently, with the next message that wakes them. */
  context: T[];
  /** These never learn of it. */
  ignored: T[];
}

/**
 * Who engages (docs/architecture.md#engagement): every wiring whose pattern matches; if none matched, a mention of the
 * bot or a direct message engages the highest priority alone; otherwise the highest priority among those that need
 * no trigger engages alone. Candidates come highest priority first. A reaction or click has no text that anybody wrote: only the mention rule applies to it.
 */
export function engage<T>(
  candidates: readonly T[],
  event: Engageable,
  rulesOf: (candidate: T) => TriggerRules,
): Engagement<T> {
  const engaged = new Set(choose(candidates, event, rulesOf));
  const rest = candidates.filter((candidate) => !engaged.has(candidate));
  return {
    engaged: [...engaged],
    context: rest.filter((candidate) => rulesOf(candidate).whenIgnored === 'context'),
    ignored: rest.filter((candidate) => rulesOf(candidate).whenIgnored === 'drop'),
  };
}

function choose<T>(
  candidates: readonly T[],
  event: Engageable,
  rulesOf: (candidate: T) => TriggerRules,
): readonly T[] {
  const isMessage = event.kind === 'message';
  const called = isMessage ? candidates.filter((candidate) => calls(rulesOf(candidate).pattern, event)) : [];
  if (called.length > 0) return called;
  if (event.mentioned || !event.isGroup) return candidates.slice(0, 1);
  if (!isMessage) return [];
  return candidates.filter((candidate) => !rulesOf(candidate).requiresTrigger).slice(0, 1);
}

/** Is a pattern among the words that the sender says: in no quote, code or comment? One that has such marks itself is looked for in all. */
function calls(pattern: TriggerRules['pattern'], { text, channelType }: Engageable): boolean {
  if (!matchesPattern(pattern, text)) return false;
  const dialect: Dialect = channels[channelType]?.writesDocuments ? 'document' : 'chat';
  const spoken = spokenIn(text, dialect);
  return [pattern ?? []]
    .flat()
    .some((one) => matchesPattern(one, matchesPattern(one, spokenIn(one, dialect)) ? spoken : text));
}

const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;
const LETTER_OR_DIGIT_AT_END = /[\p{L}\p{N}]$/u;

const fold = (text: string) => normalized(normalized(text).toLowerCase());

/** Does one of the patterns stand in the text, compared without case and not as part of a longer word? */
export function matchesPattern(pattern: TriggerRules['pattern'], text: string): boolean {
  if (pattern === undefined) return false;
  const haystack = fold(text);
  const patterns = typeof pattern === 'string' ? [pattern] : pattern;
  return patterns.some((one) => standsIn(haystack, fold(one)));
}

function standsIn(haystack: string, needle: string): boolean {
  if (needle === '') return false;
  for (let at = haystack.indexOf(needle); at !== -1; at = haystack.indexOf(needle, at + 1)) {
    // Two code units are enough to see the whole code point on either side.
    const before = haystack.slice(Math.max(0, at - 2), at);
    const after = String.fromCodePoint(haystack.codePointAt(at + needle.length) ?? 0x20);
    if (!LETTER_OR_DIGIT_AT_END.test(before) && !LETTER_OR_DIGIT.test(after)) return true;
  }
  return false;
}
