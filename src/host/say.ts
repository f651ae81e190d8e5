import { ChannelError } from '../channels/adapter.js';
import type { ChannelRegistry } from '../channels/registry.js';
import type { Address } from '../db/types.js';
import { newId } from '../ids.js';

const SEND_TIMEOUT_MS = 10_000;

/**
 * Says something short outside any session, to chats and people that no agent serves. Nothing is kept and nothing is
 * tried again: the caller records what matters. Rejects with a ChannelError.
 */
export async function sayAtOnce(
  registry: Pick<ChannelRegistry, 'get'>,
  to: Address,
  text: string,
): Promise<void> {
  const adapter = registry.get(to.channelType);
  if (!adapter) {
    const fix = `Enable it: npx tsx setup/index.ts --step channel -- --enable ${to.channelType}`;
    throw new ChannelError('channel-not-enabled', `The channel ${to.channelType} is not enabled.`, fix, {
      errorClass: 'permanent',
    });
  }
  for (const piece of adapter.splitText(text)) {
    await adapter.deliver({
      to,
      part: { type: 'text', text: piece, files: [], replyTo: null },
      idempotencyKey: newId('out'),
      signal: AbortSignal.timeout(SEND_TIMEOUT_MS),
    });
  }
}
