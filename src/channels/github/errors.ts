import { z } from 'zod';
import { ChannelError, type ChannelErrorClass } from '../adapter.js';

export const AUTH_FIX = './wharfie channel --auth github';

/** An answer of the REST API as Octokit throws it; without `response` there was none. */
const errorSchema = z.object({
  status: z.number(),
  request: z.object({ method: z.string() }),
  response: z.object({
    headers: z.record(z.string(), z.union([z.string(), z.number()]).optional()),
    data: z.unknown(),
  }),
});

/** GitHub asks for a minute where it does not say how long (docs.github.com/rest, rate limits). */
const LONGEST_GUESS_MS = 60_000;

/** What an answer of GitHub means; null: it is none of its answers. GitHub's words are not repeated. */
export function errorOfGitHub(thrown: unknown, now: number): ChannelError | null {
  const found = errorSchema.safeParse(thrown).data;
  if (!found) return null;
  const { status, request, response } = found;
  const header = (name: string) => response.headers[name]?.toString();
  const said = z.object({ message: z.string() }).safeParse(response.data).data?.message ?? '';
  const limited = header('retry-after') ?? (header('x-ratelimit-remaining') === '0' ? '' : undefined);
  if (status === 429 || (status === 403 && (limited !== undefined || /rate limit/i.test(said)))) {
    return error('rate-limited', 'GitHub asks to wait.', 'It is sent when it may be.', 'rate-limited', {
      retryAfterMs: waitOf(header('retry-after'), header('x-ratelimit-reset'), now),
    });
  }
  if (status === 401) return error('token-refused', 'GitHub refused the token.', AUTH_FIX, 'transient');
  if (status >= 500) {
    const maybe = request.method === 'POST' && status !== 503;
    return error(
      'outage',
      `GitHub has an outage (${status}).`,
      'Nothing to do: it is tried again by itself. githubstatus.com tells more.',
      maybe ? 'unknown' : 'transient',
    );
  }
  if (status === 403 && /locked/i.test(said)) {
    return error('locked', 'The conversation is locked.', 'Unlock it on GitHub.', 'permanent');
  }
  if (status === 403) {
    return error(
      'not-allowed',
      'GitHub does not let the bot do this there.',
      'Make the bot a collaborator of the repository, and give its token Issues and Pull requests: read and write.',
      'permanent',
    );
  }
  if (status === 404 || status === 410) {
    return error(
      'not-found',
      'GitHub knows no such place for this bot.',
      'Give the bot and its token access to the repository, or unregister it.',
      'permanent',
    );
  }
  return error('refused', `GitHub refused it (${status}).`, 'Say it in another form.', 'permanent');
}

function waitOf(after: string | undefined, resetAt: string | undefined, now: number): number {
  if (after !== undefined && Number(after) >= 0) return Number(after) * 1000;
  if (resetAt !== undefined && Number(resetAt) > 0) return Math.max(1000, Number(resetAt) * 1000 - now);
  return LONGEST_GUESS_MS;
}

export function error(
  code: string,
  message: string,
  fix: string,
  errorClass: ChannelErrorClass,
  options: { retryAfterMs?: number } = {},
): ChannelError {
  return new ChannelError(`github-${code}`, message, fix, { errorClass, ...options });
}
