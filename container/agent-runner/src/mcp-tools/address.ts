import { z } from 'zod';
import type { Address } from '../db/messages-in.ts';
import { type ToolContext, ToolError } from './types.ts';

const destinationSchema = z.object({ name: z.string(), channel_type: z.string(), platform_id: z.string() });
const addressSchema = z.object({ channel_type: z.string(), platform_id: z.string(), thread_id: z.string() });

/** The optional `to` of the sending tools. */
export const toShape = z
  .string()
  .min(1)
  .max(200)
  .optional()
  .describe('Name of a chat to send to; without it, the chat of this conversation.');

/** Where `to` leads: `content` goes into the row's content, `address` is where the row is addressed to. */
export function destination(
  context: ToolContext,
  to: string | undefined,
): { content: { to?: string }; address: Address } {
  const here = context.turn().address;
  if (to === undefined) return { content: {}, address: here };
  const all = context.inbound.rows('destinations', destinationSchema);
  const found = all.find((one) => one.name === to);
  if (!found) {
    const names = all.map((one) => JSON.stringify(one.name)).join(', ') || 'none';
    throw new ToolError(
      `There is no chat named ${JSON.stringify(to)} that you can send to. There are: ${names}.`,
    );
  }
  return {
    content: { to },
    address: { channelType: found.channel_type, platformId: found.platform_id, threadId: '' },
  };
}

/** The chat in which the message with this number stands; even: somebody's, odd: the agent's own. */
export function addressOfMessage(context: ToolContext, messageId: number): Address {
  if (messageId % 2 === 1) {
    const own = context.outbox.bySeq(messageId);
    if (own?.kind === 'chat') return own.address;
  } else {
    const [row] = context.inbound.rows('addressOf', addressSchema, messageId);
    if (row) return { channelType: row.channel_type, platformId: row.platform_id, threadId: row.thread_id };
  }
  throw new ToolError(`There is no message ${messageId}.`);
}
