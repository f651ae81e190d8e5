import { connectCli } from '../../src/channels/cli/client.js';
import type {
  ChannelState,
  ChatAnswer,
  ClientMessage,
  HostAbout,
  HostMessage,
} from '../../src/channels/cli/protocol.js';
import { cliSocketPath } from '../../src/channels/cli/socket-path.js';
import type { Clock } from '../../src/clock.js';
import { newId } from '../../src/ids.js';

const ANSWER_MS = 20_000;

export interface AskedHost {
  dataDir: string;
  clock: Clock;
}

/** What the running host was started with; null: none runs, or it does not say, as a version before does not. */
export function askAbout(host: AskedHost): Promise<HostAbout | null> {
  return ask(host, { type: 'about', id: newId('q') }, (message) =>
    message.type === 'about' ? message.about : undefined,
  );
}

/** How each of its channels is; null: no host runs, or it does not answer. */
export function askChannels(host: AskedHost): Promise<ChannelState[] | null> {
  return ask(host, { type: 'channels', id: newId('q') }, (message) =>
    message.type === 'channels' ? message.channels : undefined,
  );
}

/** What the platform knows of a chat, asked through the running host. */
export async function askChat(
  host: AskedHost,
  { channelType, platformId }: { channelType: string; platformId: string },
): Promise<ChatAnswer> {
  const asked = { type: 'chat' as const, id: newId('q'), channelType, platformId };
  const answer = await ask(host, asked, (message) => (message.type === 'chat' ? message.answer : undefined));
  return answer ?? { state: 'not-asked', why: 'no host runs that could ask' };
}

/** Over a connection of its own: a host of an earlier version ends one on which it is asked what it does not know. */
async function ask<T>(
  { dataDir, clock }: AskedHost,
  message: ClientMessage,
  take: (message: HostMessage) => T | undefined,
): Promise<T | null> {
  let end: (value: T | null) => void = () => {};
  const answer = new Promise<T | null>((resolve) => {
    end = resolve;
  });
  const client = await connectCli(cliSocketPath(dataDir), (said) => {
    const taken = take(said);
    if (taken !== undefined) end(taken);
  }).catch(() => null);
  if (!client) return null;
  const deadline = clock.after(ANSWER_MS, () => end(null));
  void client.closed.then(() => end(null));
  client.send(message);
  try {
    return await answer;
  } finally {
    deadline.cancel();
    client.close();
  }
}
