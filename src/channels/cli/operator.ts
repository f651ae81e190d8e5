import type { Address } from '../../db/types.js';
import { reasonOf, WharfieError } from '../../errors.js';
import type { ChannelState, ClientMessage, HostMessage } from './protocol.js';

/** What steps may ask of the host. */
export interface CliOperator {
  channels(): ChannelState[];
  /** Says something in a chat, outside any session. Rejects with a ChannelError. */
  post(to: Address, text: string): Promise<void>;
}

/** Answers what a step asks of the running host. Never rejects: a problem is part of the answer. */
export async function answerOperator(
  operator: CliOperator | undefined,
  message: Extract<ClientMessage, { type: 'channels' | 'post' }>,
): Promise<HostMessage> {
  const { id } = message;
  if (message.type === 'channels') return { type: 'channels', id, channels: operator?.channels() ?? [] };
  const to = { channelType: message.channelType, platformId: message.platformId, threadId: '' };
  try {
    await operator?.post(to, message.text);
    return { type: 'posted', id, problem: null };
  } catch (error) {
    const told = error instanceof WharfieError ? error : null;
    const problem = { code: told?.code ?? 'post-failed', message: reasonOf(error), fix: told?.fix ?? '' };
    return { type: 'posted', id, problem };
  }
}
