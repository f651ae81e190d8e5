import WebSocket from 'ws';
import { z } from 'zod';
import type { Clock, Random, Timer } from '../../clock.js';
import { codeOf, reasonOf } from '../../errors.js';
import { jsonOf } from '../../json.js';
import type { Log } from '../../log/index.js';
import { proxyingAgent } from '../../network/index.js';
import { ChannelError, type ChannelHealth } from '../adapter.js';
import { backoffMs } from '../backoff.js';
import { pause } from '../chat-sdk/lanes.js';
import { frameSchema, type SlackEnvelope } from './packets.js';
import type { SlackRest } from './rest.js';

export interface SlackSocketDeps {
  /** With the app-level token. */
  rest: SlackRest;
  clock: Clock;
  random: Random;
  log: Log;
  signal: AbortSignal;
  onConnected(): void;
  onDisconnected(health: Exclude<ChannelHealth, { state: 'connected' }>): void;
  /** Resolves once it is taken in: then it is acknowledged. What is not, Slack sends again. */
  onEnvelope(envelope: SlackEnvelope): Promise<void>;
}

const LONGEST_HELLO_MS = 30_000;
/** Slack pings several times a minute. */
const LONGEST_SILENCE_MS = 90_000;

const openSchema = z.object({ url: z.string() });
const SWITCHED_OFF = {
  state: 'failed',
  detail: 'Socket Mode is switched off for the Slack app.',
  fix: 'api.slack.com/apps, your app > Socket Mode > Enable.',
} as const;

/**
 * Slack's socket mode: one WebSocket that is made again whenever it ends. Slack's own client is not used: it waits
 * five seconds and more before each new try, and hides why it is down.
 */
export function createSlackSocket(deps: SlackSocketDeps) {
  const { clock, log, signal } = deps;
  let current: WebSocket | null = null;

  /** Resolves with the end of the connection, once it has stood. */
  async function connect(): Promise<{ ended: Promise<string> }> {
    const { url } = await deps.rest.call('apps.connections.open', openSchema, {}, signal);
    const agent = proxyingAgent();
    const socket = new WebSocket(url, {
      perMessageDeflate: false,
      handshakeTimeout: LONGEST_HELLO_MS,
      ...(agent ? { agent } : {}),
    });
    current = socket;
    const ended = new Promise<string>((resolve) => {
      let reason = '';
      let silence: Timer | null = null;
      const alive = (ms = LONGEST_SILENCE_MS) => {
        silence?.cancel();
        silence = clock.after(ms, () => socket.terminate());
      };
      alive(LONGEST_HELLO_MS);
      socket.on('ping', () => alive());
      socket.on('message', (data) => {
        alive();
        reason = onFrame(socket, String(data)) ?? reason;
      });
      socket.on('error', (error) => log.debug({ code: codeOf(error) }, 'the socket to Slack failed'));
      socket.on('close', () => {
        silence?.cancel();
        resolve(reason);
      });
    });
    const hello = new Promise<void>((resolve) => socket.once('message', () => resolve()));
    const first = await Promise.race([hello, ended.then(() => 'ended' as const)]);
    if (first !== 'ended') return { ended };
    throw new ChannelError(
      'slack-no-socket',
      'Slack did not open the connection.',
      'It is tried again by itself.',
      {
        errorClass: 'transient',
      },
    );
  }

  /** Returns why the connection is to end, if it is. */
  function onFrame(socket: WebSocket, text: string): string | null {
    // None: a frame of a kind that is newer than this.
    const frame = frameSchema.safeParse(jsonOf(text)).data;
    if (!frame || signal.aborted) return null;
    if (frame.type === 'hello') deps.onConnected();
    else if (frame.type === 'disconnect') {
      socket.close(1000);
      return frame.reason;
    } else void answer(socket, frame);
    return null;
  }

  async function answer(socket: WebSocket, envelope: SlackEnvelope): Promise<void> {
    try {
      await deps.onEnvelope(envelope);
      if (socket.readyState !== WebSocket.OPEN) return;
      socket.send(JSON.stringify({ envelope_id: envelope.envelope_id }));
    } catch (error) {
      log.warn({ code: codeOf(error), reason: reasonOf(error) }, 'an event of Slack was not taken in');
    }
  }

  async function keep(first: { ended: Promise<string> }): Promise<void> {
    let connection: { ended: Promise<string> } | null = first;
    let failures = 0;
    while (!signal.aborted) {
      const reason: string = connection ? await connection.ended : '';
      if (signal.aborted) return;
      if (reason === 'link_disabled') return deps.onDisconnected(SWITCHED_OFF);
      if (connection)
        deps.onDisconnected({ state: 'connecting', detail: 'the connection ended, it is made again' });
      try {
        connection = await connect();
        failures = 0;
      } catch (error) {
        connection = null;
        if (codeOf(error) === 'slack-token-refused') return;
        const asked = error instanceof ChannelError ? error.retryAfterMs : null;
        await pause(deps, asked ?? backoffMs(failures, deps.random));
        failures += 1;
      }
    }
  }

  let running: Promise<void> = Promise.resolve();
  return {
    /** Resolves when Slack has said hello; rejects when it does not. */
    async open(): Promise<void> {
      running = keep(await connect());
    },
    /** After `signal` was aborted. */
    async close(): Promise<void> {
      current?.terminate();
      await running;
    },
  };
}
