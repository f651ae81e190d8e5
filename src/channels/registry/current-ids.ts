import type { Address } from '../../address.js';
import { type ChannelAdapter, ChannelError, type DeliverRequest } from '../adapter.js';

/**
 * The adapter for whoever says something: what was addressed to a chat before it moved goes where the chat is now.
 * Messages of the old chat are not there: nothing answers them, and they cannot be changed.
 */
export function atCurrentIds(
  adapter: ChannelAdapter,
  currentId: (channelType: string, platformId: string) => string,
): ChannelAdapter {
  const now = (to: Address): Address => {
    const platformId = currentId(to.channelType, to.platformId);
    return platformId === to.platformId ? to : { ...to, platformId };
  };
  const readdressed = (request: DeliverRequest): DeliverRequest => {
    const to = now(request.to);
    if (to === request.to) return request;
    const { part } = request;
    if (part.type === 'edit' || part.type === 'reaction') {
      throw new ChannelError(
        'message-left-behind',
        'The chat has moved, and the message stayed behind.',
        'Nothing to do: say it anew.',
        { errorClass: 'permanent' },
      );
    }
    return { ...request, to, part: part.type === 'text' ? { ...part, replyTo: null } : part };
  };
  const { findSent } = adapter;
  return {
    ...adapter,
    deliver: async (request) => adapter.deliver(readdressed(request)),
    setTyping: async (to) => adapter.setTyping(now(to)),
    ...(findSent
      ? { findSent: async (request, ...asked) => findSent.call(adapter, readdressed(request), ...asked) }
      : {}),
  };
}
