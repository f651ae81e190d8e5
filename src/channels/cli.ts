import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import type { Clock } from '../clock.js';
import { reasonOf } from '../errors.js';
import { newId } from '../ids.js';
import type { Log } from '../log/index.js';
import { outliveErrors } from '../log/server-errors.js';
import type { ChannelAdapter, ChannelHost, DeliverRequest, InboundEvent, OutboundFile } from './adapter.js';
import { ChannelError } from './adapter.js';
import { cliFacts as facts } from './catalog/cli.js';
import { answerOperator, type CliOperator } from './cli/operator.js';
import {
  type ClientMessage,
  clientMessageSchema,
  createLineParser,
  type HostMessage,
} from './cli/protocol.js';
import { renderPart } from './cli/render.js';
import { splitMarkdown } from './split/index.js';

export const CLI_ADDRESS = { channelType: 'cli', platformId: 'cli:local', threadId: '' } as const;

/** The user at the other end of the socket. */
export const CLI_OWNER_ID = 'cli:owner';

export type SettledOutcome = 'done' | 'failed' | 'waiting';

export interface CliDeps {
  /** Where the socket lies; short enough for the kernel. */
  socketPath: string;
  /** Where files that an agent sends are kept for the person. */
  filesDir: string;
  clock: Clock;
  log: Log;
  /** What a person sees first: what is real here and what is not. */
  welcome(): string[];
  /** Resolves when nothing more is to come for this line; `waiting`: a notice told why it has to wait. */
  settled(messageId: string, signal: AbortSignal): Promise<SettledOutcome>;
  /** What steps may ask of the host. */
  operator?: CliOperator;
}

/** Where nobody is there to be asked. */
const NOBODY: CliOperator = {
  channels: () => [],
  about: () => ({ startedAt: 0, node: '', terminalOnly: true, settings: {}, fromEnvironment: [] }),
  chat: async () => ({ state: 'not-asked', why: 'nobody is there to ask' }),
  post: async () => {},
};

interface Client {
  socket: Socket;
  piped: boolean;
  /** `say` ids on their way, with what their acknowledgement resolves. */
  waiting: Map<string, () => void>;
  gone: AbortController;
}

/** The terminal chat: whoever can open the socket (0600) is the owner. */
export function createCliChannel(deps: CliDeps): ChannelAdapter {
  const clients = new Set<Client>();
  let server: Server | null = null;
  let host: ChannelHost | null = null;

  const send = (client: Client, message: HostMessage) =>
    void client.socket.write(`${JSON.stringify(message)}\n`);

  async function take(client: Client, message: ClientMessage): Promise<void> {
    if (message.type === 'ack') return client.waiting.get(message.id)?.();
    if (message.type === 'hello') {
      client.piped = message.piped;
      clients.add(client);
      send(client, { type: 'welcome', lines: deps.welcome() });
      return host?.healthChanged();
    }
    if (message.type !== 'line') {
      return send(client, await answerOperator(deps.operator ?? NOBODY, message));
    }
    try {
      if (!host) throw new Error('the host is stopping');
      await host.receive(eventOf(message.id, message.text, deps.clock.now()));
    } catch (error) {
      send(client, { type: 'refused', id: message.id, reason: reasonOf(error) });
      return;
    }
    if (!client.piped) return;
    const outcome = await deps.settled(message.id, client.gone.signal).catch(() => 'failed' as const);
    if (!client.gone.signal.aborted) send(client, { type: 'settled', id: message.id, outcome });
  }

  function connect(socket: Socket): void {
    const client: Client = { socket, piped: false, waiting: new Map(), gone: new AbortController() };
    socket.setEncoding('utf8');
    const onBad = (reason: string) => {
      deps.log.warn({ reason }, 'terminal client closed');
      socket.destroy();
    };
    socket.on(
      'data',
      createLineParser(clientMessageSchema, (message) => void take(client, message), onBad),
    );
    socket.on('error', (error) => deps.log.debug({ reason: reasonOf(error) }, 'terminal client lost'));
    socket.on('close', () => {
      clients.delete(client);
      client.gone.abort();
      host?.healthChanged();
    });
  }

  /** Resolves when one client has shown it; rejects as transient when all of them went away first. */
  function say(text: string, request: DeliverRequest): Promise<void> {
    const id = newId('out');
    const asked = [...clients];
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        for (const client of asked) client.waiting.delete(id);
        for (const signal of signals) signal.removeEventListener('abort', lost);
        finish();
      };
      const lost = () => {
        const hope = !request.signal.aborted && asked.some((client) => !client.gone.signal.aborted);
        if (!hope) settle(() => reject(notConnected()));
      };
      const signals = [request.signal, ...asked.map((client) => client.gone.signal)];
      for (const signal of signals) signal.addEventListener('abort', lost);
      for (const client of asked) {
        client.waiting.set(id, () => settle(resolve));
        send(client, { type: 'say', id, text });
      }
    });
  }

  return {
    channelType: CLI_ADDRESS.channelType,
    capabilities: facts.capabilities,
    async start(channelHost) {
      host = channelHost;
      // Passable: the sockets of sessions may lie in the same folder.
      mkdirSync(path.dirname(deps.socketPath), { recursive: true, mode: 0o711 });
      rmSync(deps.socketPath, { force: true });
      const listening = createServer(connect);
      server = listening;
      await new Promise<void>((resolve, reject) => {
        listening.once('error', reject);
        listening.listen(deps.socketPath, () => {
          listening.off('error', reject);
          resolve();
        });
      });
      outliveErrors(listening, deps.log, 'terminal');
      chmodSync(deps.socketPath, 0o600);
    },
    async stop() {
      host = null;
      for (const client of clients) client.socket.end();
      const closing = server;
      server = null;
      if (closing) await new Promise<void>((resolve) => closing.close(() => resolve()));
    },
    health: () =>
      clients.size > 0 ? { state: 'connected' } : { state: 'connecting', detail: 'no terminal is connected' },
    splitText: (text) => splitMarkdown(text, { limit: facts.capabilities.textLimit }),
    async deliver(request) {
      if (clients.size === 0) throw notConnected();
      await say(
        renderPart(request.part, (file, index) =>
          keepFile(deps.filesDir, `${request.idempotencyKey}-${index + 1}`, file),
        ),
        request,
      );
      const kept = request.part.type === 'edit' || request.part.type === 'reaction';
      return { messageIds: kept ? [] : [request.idempotencyKey] };
    },
    async setTyping() {
      for (const client of clients) send(client, { type: 'typing' });
    },
  };
}

/** Writes a file that an agent sent and returns where it lies; its name is data, never a path. */
function keepFile(dir: string, id: string, file: OutboundFile): string {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const target = path.join(dir, `${id}-${file.name.replace(/[^\p{L}\p{N}._-]/gu, '_').slice(-100)}`);
  writeFileSync(target, file.data, { mode: 0o600 });
  return target;
}

function notConnected(): ChannelError {
  return new ChannelError('cli-not-connected', 'No terminal is connected.', 'Open one with: npm run chat', {
    errorClass: 'transient',
  });
}

function eventOf(messageId: string, text: string, at: number): InboundEvent {
  return {
    ...CLI_ADDRESS,
    messageId,
    kind: 'message',
    chatName: 'Terminal',
    isGroup: false,
    mentioned: false,
    sender: { id: CLI_OWNER_ID, name: 'Owner', isBot: false, self: false },
    text,
    replyTo: null,
    attachments: [],
    at,
  };
}
