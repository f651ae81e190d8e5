import type { Address } from '../../address.js';
import { reasonOf, WharfieError } from '../../errors.js';
import type { ChannelState, ChatAnswer, ClientMessage, HostAbout, HostMessage } from './protocol.js';

/** What steps may ask of the host. */
export interface CliOperator {
  channels(): ChannelState[];
  about(): HostAbout;
  /** What a platform knows of a chat. Never rejects. */
  chat(channelType: string, platformId: string): Promise<ChatAnswer>;
  /** Says something in a chat, outside any session. Rejects with a ChannelError. */
  post(to: Address, text: string): Promise<void>;
}

/** Answers what a step asks of the running host. Never rejects: a problem is part of the answer. */
export async function answerOperator(
  operator: CliOperator,
  message: Extract<ClientMessage, { type: 'channels' | 'about' | 'chat' | 'post' }>,
): Promise<HostMessage> {
  const { id } = message;
  if (message.type === 'channels') return { type: 'channels', id, channels: operator.channels() };
  if (message.type === 'about') return { type: 'about', id, about: operator.about() };
  if (message.type === 'chat') {
    return { type: 'chat', id, answer: await operator.chat(message.channelType, message.platformId) };
  }
  const to = { channelType: message.channelType, platformId: message.platformId, threadId: '' };
  try {
    await operator.post(to, message.text);
    return { type: 'posted', id, problem: null };
  } catch (error) {
    const told = error instanceof WharfieError ? error : null;
    const problem = { code: told?.code ?? 'post-failed', message: reasonOf(error), fix: told?.fix ?? '' };
    return { type: 'posted', id, problem };
  }
}
