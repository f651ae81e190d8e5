import { z } from 'zod';
import { RunnerError } from './errors.ts';

function json<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'is not JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

const schema = z.object({
  WHARFIE_SESSION_ID: z.string().min(1),
  WHARFIE_INCARNATION: z.coerce.number().int().nonnegative(),
  WHARFIE_MODE: z.enum(['run', 'recover']),
  WHARFIE_PROVIDER: z.enum(['claude', 'mock']),
  WHARFIE_ASSISTANT_NAME: z.string().min(1).default('Andy'),
  WHARFIE_MODEL: z.string().min(1).optional(),
  WHARFIE_MOUNTS: json(z.record(z.string(), z.string())).optional(),
  WHARFIE_STUBS: json(z.array(z.tuple([z.string(), z.string()]))).default([]),
  WHARFIE_CRASH_AT: z.string().optional(),
  HOME: z.string().default('/home/node'),
  TZ: z.string().default('UTC'),
});

export interface RunnerEnv {
  sessionId: string;
  incarnation: number;
  mode: 'run' | 'recover';
  provider: 'claude' | 'mock';
  assistantName: string;
  model: string | null;
  /** Where the mounts lie when this runs as a plain process; null inside a container. */
  mounts: Record<string, string> | null;
  /** Files with placeholders: where each lies, and where programs look for it. */
  stubs: [from: string, to: string][];
  crashAt: string | undefined;
  home: string;
  timeZone: string;
}

/** Reads what the host gave. Throws `bad-environment` with every problem at once. */
export function parseEnv(env: Record<string, string | undefined>): RunnerEnv {
  const parsed = schema.safeParse(env);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new RunnerError('bad-environment', `The environment is not usable: ${problems.join('; ')}.`);
  }
  const value = parsed.data;
  return {
    sessionId: value.WHARFIE_SESSION_ID,
    incarnation: value.WHARFIE_INCARNATION,
    mode: value.WHARFIE_MODE,
    provider: value.WHARFIE_PROVIDER,
    assistantName: value.WHARFIE_ASSISTANT_NAME,
    model: value.WHARFIE_MODEL ?? null,
    mounts: value.WHARFIE_MOUNTS ?? null,
    stubs: value.WHARFIE_STUBS,
    crashAt: value.WHARFIE_CRASH_AT,
    home: value.HOME,
    timeZone: value.TZ,
  };
}
