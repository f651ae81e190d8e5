import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { z } from 'zod';
import type { Clock } from '../../clock.js';
import { jsonOf } from '../../json.js';
import { begun } from './connection.js';
import { INSTALLATION } from './labels.js';
import { createRetry } from './retry.js';

const eventSchema = z.object({ Actor: z.object({ ID: z.string() }) });
const LONGEST_LINE = 1_000_000;

/** The engine's events about containers of this installation. A hint that one should be looked at, never a proof. */
export interface EventStream {
  /** Resolves when events are being received; rejects when the engine does not answer. */
  ready(): Promise<void>;
  close(): void;
}

/**
 * `onEnd` gets the id of a container that ended. `onReconnect` is called each time that events flow again after a
 * gap: what happened meanwhile must be looked for, because the engine keeps only its last 256 events.
 */
export function createEventStream(deps: {
  docker: Docker;
  installationId: string;
  clock: Clock;
  onEnd: (containerId: string) => void;
  onReconnect: () => void;
  onError: (error: unknown, delayMs: number) => void;
}): EventStream {
  const { clock } = deps;
  let current: NodeJS.ReadableStream | null = null;
  let first: Promise<void> | null = null;
  let closed = false;

  const disconnect = () => {
    if (current instanceof Readable) current.destroy();
  };
  const connect = async () => {
    // The answer's header may come before the engine subscribes us: events from the time of the question on.
    const since = Math.floor(clock.now() / 1000) - 1;
    const label = [`${INSTALLATION}=${deps.installationId}`];
    const stream = await begun(clock, (abortSignal) =>
      deps.docker.getEvents({
        since,
        filters: { type: ['container'], event: ['die'], label },
        abortSignal,
      }),
    );
    const feed = createLineFeed((line) => {
      const event = eventSchema.safeParse(jsonOf(line));
      if (event.success) deps.onEnd(event.data.Actor.ID);
    });
    stream.on('data', (chunk: Buffer) => feed(chunk.toString('utf8')));
    stream.on('error', () => {});
    stream.once('close', () => {
      if (!closed) reconnect.soon();
    });
    current = stream;
    if (closed) disconnect();
  };
  const reconnect = createRetry({
    clock,
    async work() {
      await connect();
      deps.onReconnect();
    },
    onError: deps.onError,
  });
  return {
    ready() {
      first ??= connect().catch((error: unknown) => {
        first = null;
        throw error;
      });
      return first;
    },
    close() {
      closed = true;
      reconnect.stop();
      disconnect();
    },
  };
}

function createLineFeed(onLine: (line: string) => void): (text: string) => void {
  let open = '';
  return (text) => {
    const lines = (open + text).split('\n');
    open = (lines.pop() ?? '').slice(0, LONGEST_LINE);
    for (const line of lines) onLine(line);
  };
}
