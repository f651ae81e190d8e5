import { z } from 'zod';

const schema = z.object({
  id: z.string().min(1).max(200),
  method: z.string().min(1).max(20),
  url: z.string().min(1).max(16_000),
  bodyPreview: z.string().max(100_000).nullable().default(null),
  agent: z.object({ externalId: z.string().nullable().default(null) }),
  expiresAt: z.iso.datetime({ offset: true }),
});

/** A request of an agent that OneCLI holds until a person has decided. All of it but the id was said by the agent. */
export interface HeldRequest {
  id: string;
  method: string;
  url: string;
  /** The beginning of its body. */
  body: string | null;
  /** Whose it is, as OneCLI names the agent; null: nobody's that we made. */
  agent: string | null;
  /** Epoch milliseconds. */
  expiresAt: number;
}

/** What came from OneCLI, or null where it is no such request. */
export function heldRequest(given: unknown): HeldRequest | null {
  const parsed = schema.safeParse(given);
  if (!parsed.success) return null;
  const { id, method, url, bodyPreview: body, agent, expiresAt } = parsed.data;
  return { id, method, url, body, agent: agent.externalId, expiresAt: Date.parse(expiresAt) };
}
