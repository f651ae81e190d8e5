import type { HeldRequest } from '../credentials/onecli/approval-request.js';
import { shortHash } from '../ids.js';

/** Six digits that tell open requests apart, and that a person may type. */
export const codeOf = ({ id }: Pick<HeldRequest, 'id'>) => shortHash(id, 6);

export type Decision = 'approve' | 'deny';

export interface Answer {
  decision: Decision;
  code: string;
}

/** `approve 1a2b3c` in any spelling of upper and lower case; null: it is no such answer. */
export function answerIn(text: string): Answer | null {
  const said = /^(approve|deny)\s+([0-9a-f]{6})$/.exec(text.normalize('NFKC').trim().toLowerCase());
  const [, decision, code] = said ?? [];
  if (code === undefined) return null;
  return { decision: decision === 'approve' ? 'approve' : 'deny', code };
}

/**
 * All that is known of what will be sent, from its own bytes: nothing is summed up, characters that change how others
 * look are spelled out, and no formatting of a chat counts in it.
 */
export function detailsOf(request: HeldRequest, agentName: string): string {
  const body = request.body === null ? '' : `\n\n${request.body}`;
  const bytes = visible(`${request.method} ${request.url}${body}`);
  const longest = Math.max(2, ...[...bytes.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  const cut = request.body !== null && Buffer.byteLength(request.body) >= PREVIEW_BYTES;
  const rest = cut ? '\nOneCLI shows the beginning of the body only: there may be more of it.' : '';
  return `${quoted(agentName)} wants to send this with a credential of yours:\n${fence}\n${bytes}\n${fence}${rest}`;
}

/** OneCLI gives at most so much of a body. */
const PREVIEW_BYTES = 4000;

export const titleOf = (request: HeldRequest, agentName: string) =>
  `May ${quoted(agentName)} do this: ${visible(`${request.method} ${hostOf(request.url)}`)}?`;

export const outcomeOf = (request: HeldRequest, outcome: string) =>
  `${outcome}: ${visible(`${request.method} ${hostOf(request.url)}`)} (${codeOf(request)}).`;

export const howToAnswer = (code: string) => `Answer with "approve ${code}" or "deny ${code}".`;

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url.slice(0, 100);
}

const quoted = (name: string) => JSON.stringify(visible(name).slice(0, 100));

/** With control characters other than a line's end, and all that is unseen or turns the direction of writing, spelled out. */
function visible(text: string): string {
  return text.replace(
    /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu,
    (found) => `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
