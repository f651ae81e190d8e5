import { connectCli } from '../../src/channels/cli/client.js';
import type { ChannelState, HostMessage } from '../../src/channels/cli/protocol.js';
import { cliSocketPath } from '../../src/channels/cli/socket-path.js';
import type { Clock } from '../../src/clock.js';
import { newId } from '../../src/ids.js';
import type { Problem } from './types.js';

export interface LineOutcome {
  /** `refused`: it was not taken in · `lost`: the host went away · `late`: no end within the time. */
  end: 'done' | 'failed' | 'waiting' | 'refused' | 'lost' | 'late';
  /** What was said meanwhile. */
  said: string[];
}

/** What a step asks of the running host over its terminal socket. */
export interface HostClient {
  channels(): Promise<ChannelState[] | null>;
  /** Says something in a chat, outside any session; null: the platform took it. */
  post(chat: { channelType: string; platformId: string }, text: string): Promise<Problem | null>;
  /** Says a line in the terminal's chat and waits for everything that it gets. */
  line(text: string, longestMs: number): Promise<LineOutcome>;
  close(): void;
}

const ANSWER_MS = 30_000;
const NO_ANSWER: Problem = {
  code: 'host-silent',
  message: 'The host did not answer.',
  fix: 'Look at the end of data/logs/wharfie.log.',
};

/** Rejects (`ENOENT`, `ECONNREFUSED`) where no host listens. */
export async function connectHost(dataDir: string, clock: Clock): Promise<HostClient> {
  const listeners = new Set<(message: HostMessage) => void>();
  const client = await connectCli(cliSocketPath(dataDir), (message) => {
    if (message.type === 'say') client.send({ type: 'ack', id: message.id });
    for (const listener of listeners) listener(message);
  });
  client.send({ type: 'hello', piped: true });

  /** Listens until `take` gives something, the host is gone, or the time is over (both null). */
  function next<T>(take: (message: HostMessage) => T | undefined, longestMs: number): Promise<T | null> {
    return new Promise((resolve) => {
      const end = (value: T | null) => {
        listeners.delete(listener);
        deadline.cancel();
        resolve(value);
      };
      const listener = (message: HostMessage) => {
        const taken = take(message);
        if (taken !== undefined) end(taken);
      };
      const deadline = clock.after(longestMs, () => end(null));
      listeners.add(listener);
      void client.closed.then(() => end(null));
    });
  }

  return {
    channels() {
      const id = newId('q');
      const answer = next(
        (message) => (message.type === 'channels' && message.id === id ? message.channels : undefined),
        ANSWER_MS,
      );
      client.send({ type: 'channels', id });
      return answer;
    },
    async post({ channelType, platformId }, text) {
      const id = newId('q');
      const answer = next(
        (message) => (message.type === 'posted' && message.id === id ? message : undefined),
        ANSWER_MS,
      );
      client.send({ type: 'post', id, channelType, platformId, text });
      return (await answer.then((posted) => posted ?? { problem: NO_ANSWER })).problem;
    },
    async line(text, longestMs) {
      const id = newId('in');
      const said: string[] = [];
      let lost = false;
      void client.closed.then(() => {
        lost = true;
      });
      const answer = next((message): LineOutcome['end'] | undefined => {
        if (message.type === 'say') said.push(message.text);
        if (message.type === 'refused' && message.id === id)
          return said.push(message.reason) ? 'refused' : undefined;
        return message.type === 'settled' && message.id === id ? message.outcome : undefined;
      }, longestMs);
      client.send({ type: 'line', id, text });
      const end = await answer;
      return { end: end ?? (lost ? 'lost' : 'late'), said };
    },
    close: () => client.close(),
  };
}
