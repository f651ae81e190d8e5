import { z } from 'zod';
import { WharfieError } from '../../errors.js';

/**
 * Codes: `invalid-registration` (all problems at once), `mock-group` (a platform chat and the mock provider),
 * `user-blocked`, `not-registered`, `folder-needed` (several wirings to choose from), `main-elsewhere` (another chat is the main one).
 */
export class RegistrationError extends WharfieError {}

const line = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .refine((text) => !/\p{Cc}/u.test(text), 'must be one line');
/** Blanks at its ends would have to be said too, beside others. */
const word = z.string().trim().min(1);
const userId = z.string().regex(/^[a-z][a-z0-9-]*:\S+$/, 'must be <channel>:<platform user id>');

/** One chat, one agent group, and how they are wired. What is left out keeps its value, or gets its default. */
export const registrationRequestSchema = z
  .object({
    channelType: z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be a channel type such as telegram'),
    /** As a person gives it; normalised here. */
    platformId: line,
    /** The chat's name; a new agent group gets it too. */
    name: line,
    folder: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/i, 'must be 1-63 letters, digits, - or _')
      .refine((folder) => folder.toLowerCase() !== 'global', 'must not be "global", which all groups share'),
    isGroup: z.boolean().optional(),
    /** What calls the agent; null: nothing does. */
    trigger: z
      .union([word, z.array(word).min(1)])
      .nullable()
      .optional(),
    requiresTrigger: z.boolean().optional(),
    whenIgnored: z.enum(['drop', 'context']).optional(),
    bots: z.boolean().optional(),
    isMain: z.boolean().optional(),
    /** False: `isMain` is refused where another agent group's chat gets the notices now. */
    moveMain: z.boolean().optional(),
    assistantName: line.optional(),
    provider: z.enum(['claude', 'mock']).optional(),
    sessionMode: z.enum(['shared', 'per-thread', 'agent-shared']).optional(),
    priority: z.number().int().optional(),
    /** Who administers the agent group; in a direct message the person at the other end. */
    adminUserId: userId.optional(),
    adminUserName: z.string().max(200).optional(),
    /** That person becomes the owner if there is none; left out: if `isMain`. */
    ownerIfNone: z.boolean().optional(),
    /** Or becomes one if nobody but this person of the machine itself (`cli:owner`) is. */
    ownerBeside: userId.optional(),
    unknownSenders: z.enum(['open', 'known', 'pair']).optional(),
    /** Which of the messages that waited for this are taken in now; left out at the first registration: none. */
    replay: z.enum(['none', 'last', 'all']).optional(),
    /** For the audit. */
    actor: z.string().min(1).default('setup'),
  })
  .strict();

export type RegistrationRequest = z.input<typeof registrationRequestSchema>;
export type CheckedRequest = z.output<typeof registrationRequestSchema>;

export function checkRequest(request: RegistrationRequest): CheckedRequest {
  const parsed = registrationRequestSchema.safeParse(request);
  if (parsed.success) return parsed.data;
  throw invalidRequest(parsed.error);
}

/** All problems of a request in one sentence. */
export function invalidRequest(error: z.ZodError): RegistrationError {
  const problems = error.issues.map((issue) => `${issue.path.join('.') || 'request'}: ${issue.message}`);
  return new RegistrationError(
    'invalid-registration',
    `This cannot be registered: ${problems.join('; ')}.`,
    'See ./wharfie register --help',
  );
}
