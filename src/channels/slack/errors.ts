import { z } from 'zod';
import { jsonOf } from '../../json.js';
import { ChannelError, type ChannelErrorClass } from '../adapter.js';

/** How the Web API answers (api.slack.com/web#responses), whatever else it tells. */
const answerSchema = z.object({
  ok: z.boolean(),
  error: z.string().default(''),
  needed: z.string().optional(),
});

export interface SlackAnswer {
  method: string;
  status: number;
  text: string;
  retryAfter: string | null;
}

export const AUTH_FIX = './wharfie channel --auth slack';

const TOKEN = new Set([
  'invalid_auth',
  'not_authed',
  'token_revoked',
  'token_expired',
  'account_inactive',
  'user_removed_from_team',
  'team_disabled',
]);
/** Slack says of these that part of the work may have been done. */
const MAYBE = new Set(['internal_error', 'fatal_error', 'request_timeout']);

/** Refusals that have a cure of their own (api.slack.com/methods/chat.postMessage#errors). */
const KNOWN: Readonly<Record<string, { code: string; message: string; fix: string }>> = {
  channel_not_found: {
    code: 'unknown-channel',
    message: 'Slack knows no such channel for this app.',
    fix: 'Invite the app to the channel (/invite), or unregister it.',
  },
  not_in_channel: {
    code: 'not-in-channel',
    message: 'The app is not in the channel.',
    fix: 'Invite it there: /invite @<app>.',
  },
  is_archived: {
    code: 'archived',
    message: 'The channel is archived.',
    fix: 'Unarchive the channel, or unregister it.',
  },
  restricted_action: {
    code: 'not-allowed',
    message: 'The workspace does not let the app write there.',
    fix: 'Ask an administrator of the workspace to allow it.',
  },
  msg_too_long: { code: 'too-long', message: 'The text is too long for Slack.', fix: 'Say it in parts.' },
  message_not_found: { code: 'unknown-message', message: 'The message is gone.', fix: 'Send a new message.' },
  cant_update_message: {
    code: 'not-own-message',
    message: 'Only own messages can be changed.',
    fix: 'Send a new message.',
  },
  edit_window_closed: {
    code: 'too-late',
    message: 'The message is too old to be changed.',
    fix: 'Send a new message.',
  },
  invalid_name: {
    code: 'unknown-emoji',
    message: 'Slack does not know this emoji.',
    fix: 'Use its name, such as :tada:.',
  },
  already_reacted: {
    code: 'already-reacted',
    message: 'The reaction is there already.',
    fix: 'Nothing to do.',
  },
  invalid_blocks: {
    code: 'markup-refused',
    message: 'Slack refused the formatting.',
    fix: 'Say it without formatting.',
  },
};

const MARKUP = /^(?:invalid_blocks_format|markdown_text_\w+|invalid_markdown\w*)$/;

/** What an answer means that is no success; null: it is one. */
export function errorOfAnswer(answer: SlackAnswer): ChannelError | null {
  const { method, status } = answer;
  const body = answerSchema.safeParse(jsonOf(answer.text)).data;
  if (status < 300 && body?.ok) return null;
  const code = body?.error ?? '';
  if (status === 429 || code === 'ratelimited' || code === 'rate_limited') {
    const seconds = Number(answer.retryAfter ?? 1);
    return error('rate-limited', 'Slack asks to wait.', 'It is sent when it may be.', {
      errorClass: 'rate-limited',
      retryAfterMs: Math.ceil((seconds >= 0 ? seconds : 1) * 1000),
    });
  }
  if (TOKEN.has(code)) {
    return error('token-refused', `Slack refused the token (${code}).`, AUTH_FIX, {
      errorClass: 'transient',
    });
  }
  // Not the Web API's own answer (a proxy, a block page): nothing is known about this row.
  if (!body || status >= 500 || MAYBE.has(code) || code === 'service_unavailable') {
    return outage(method, status, MAYBE.has(code) || [502, 504, 408].includes(status));
  }
  if (code === 'missing_scope') {
    const scope = /^[\w:.,-]{1,200}$/.exec(body.needed ?? '')?.[0] ?? 'one more';
    const fix = `api.slack.com/apps, your app > OAuth & Permissions: add ${scope}, and install the app again.`;
    return error('missing-scope', `The app lacks the scope ${scope}.`, fix, { errorClass: 'permanent' });
  }
  const known = KNOWN[MARKUP.test(code) ? 'invalid_blocks' : code];
  const shown = /^\w{1,60}$/.test(code) ? code : String(status);
  return error(
    known?.code ?? 'refused',
    known?.message ?? `Slack refused it (${shown}).`,
    known?.fix ?? 'Say it in another form.',
    { errorClass: 'permanent' },
  );
}

function outage(method: string, status: number, maybeDone: boolean): ChannelError {
  const says = method === 'chat.postMessage' || method === 'files.completeUploadExternal';
  return error(
    'outage',
    `Slack has an outage (${status}).`,
    'Nothing to do: it is tried again by itself. slack-status.com tells more.',
    { errorClass: says && maybeDone ? 'unknown' : 'transient' },
  );
}

function error(
  code: string,
  message: string,
  fix: string,
  options: { errorClass: ChannelErrorClass; retryAfterMs?: number },
): ChannelError {
  return new ChannelError(`slack-${code}`, message, fix, options);
}
