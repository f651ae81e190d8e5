import { EventEmitter } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { createFaults, type Faults } from './discord/faults.js';
import { createFakeGateway, type FakeGateway } from './discord/gateway.js';
import { type Call, createFakeRest } from './discord/rest.js';
import {
  createWorld,
  type FakeChannel,
  type FakeMessage,
  type FakeUser,
  shown,
  type World,
} from './discord/world.js';
import { listen, shut } from './platform-server.js';

export type { FakeChannel, FakeMessage, FakeUser } from './discord/world.js';

/** A Discord on loopback: gateway, HTTP API and files, with a log of what arrived. */
export interface FakeDiscord {
  /** For `DISCORD_API_URL`. */
  readonly apiUrl: string;
  /** The only valid one; change it and the old one is revoked. */
  token: string;
  readonly world: World;
  readonly gateway: FakeGateway;
  readonly faults: Faults;
  /** Every request, as `METHOD path`, in the order in which they came. */
  readonly requests: string[];
  /** The JSON of every request that had some. */
  readonly bodies: unknown[];
  /** What the bot has said in a channel, oldest first. */
  said(channelId: string): FakeMessage[];
  /** A person says something. */
  say(channel: FakeChannel, content: string, options?: SayOptions): FakeMessage;
  /** A message with whatever fields Discord gives to its kind. */
  post(channel: FakeChannel, fields: object, from?: FakeUser): FakeMessage;
  /** The gateway tells the message anew, with these fields. */
  update(message: FakeMessage, fields: object): void;
  delete(...messages: FakeMessage[]): void;
  rename(channel: FakeChannel, name: string): void;
  /** A thread, which may begin with a message of the channel. */
  thread(parent: FakeChannel, name: string, starter?: FakeMessage): FakeChannel;
  react(message: FakeMessage, user: FakeUser, emoji: string): void;
  /** A click on the button with this label; throws where the message has none. Returns the interaction's id. */
  click(message: FakeMessage, user: FakeUser, label: string): string;
  /** Resolves when `check` holds; looked at after each request. */
  until(check: () => boolean): Promise<void>;
  /** The machine vanishes: connections break and new ones are refused, until `comeUp`. */
  goDown(): Promise<void>;
  comeUp(): Promise<void>;
  close(): Promise<void>;
}

export interface SayOptions {
  from?: FakeUser;
  mention?: boolean;
  replyTo?: FakeMessage;
  files?: { name: string; data: Buffer }[];
  /** Something in the packet of it that no reader can cope with. */
  garbled?: boolean;
  /** Discord's event is lost: it is in the history only. */
  unheard?: boolean;
}

/** `gatewayAt`: the host and port under which it tells clients to open its gateway, where that is another than its own. */
export async function createFakeDiscord(
  now: () => number = Date.now,
  gatewayAt?: string,
): Promise<FakeDiscord> {
  const world = createWorld(now);
  const faults = createFaults();
  const requests: string[] = [];
  const bodies: unknown[] = [];
  const changed = new EventEmitter().setMaxListeners(0);
  const state = { token: 'fake-token.for-tests.0000000000000000000000', port: 0 };
  const origin = () => `http://127.0.0.1:${state.port}`;
  const gatewayUrl = () => `ws://${gatewayAt ?? `127.0.0.1:${state.port}`}/gateway`;
  const rest = createFakeRest({
    world,
    now,
    gatewayUrl,
    onMessage: (message) => gateway.dispatch('MESSAGE_CREATE', dispatched(world, message)),
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = await callOf(request, origin());
    requests.push(`${call.method} ${call.path}`);
    if (call.method !== 'GET') bodies.push(call.body);
    setImmediate(() => changed.emit('change'));
    const fault = faults.take(`${call.method} ${call.path}`);
    if (fault?.kind === 'answer') return reply(response, fault.status, fault.body ?? {}, fault.headers);
    if (fault?.kind === 'cut' && !fault.done) return void request.socket.destroy();
    if (call.path.startsWith('/files/')) return sendFile(response, world, call.path);
    if (request.headers.authorization !== `Bot ${state.token}`)
      return reply(response, 401, { message: '401' });
    const { status, body } = rest(call);
    if (fault?.kind === 'cut') return void request.socket.destroy();
    if (fault?.kind !== 'hang') reply(response, status, body);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => reply(response, 500, { message: String(error) }));
  });
  server.keepAliveTimeout = 120_000;
  const gateway = createFakeGateway(server, world, () => state.token, gatewayUrl);
  state.port = await listen(server, 0);

  return {
    get apiUrl() {
      return `${origin()}/api/v10`;
    },
    get token() {
      return state.token;
    },
    set token(value) {
      state.token = value;
    },
    world,
    gateway,
    faults,
    requests,
    bodies,
    said: (channelId) => world.inChannel(channelId).filter((message) => message.author.id === world.bot.id),
    say(channel, content, options = {}) {
      const message = world.add({
        channel_id: channel.id,
        type: options.replyTo ? 19 : 0,
        content: options.mention ? `<@${world.bot.id}> ${content}` : content,
        author: options.from ?? world.ada,
        mentions: options.mention ? [world.bot] : [],
        mention_roles: [],
        attachments: (options.files ?? []).map(({ name, data }) => {
          const id = world.nextId();
          const url = `${origin()}/files/${id}/${encodeURIComponent(name)}`;
          const file = {
            id,
            filename: name,
            content_type: 'application/octet-stream',
            size: data.length,
            url,
          };
          world.files.set(id, { ...file, data });
          return file;
        }),
        embeds: [],
        components: [],
        ...(options.replyTo
          ? {
              message_reference: { message_id: options.replyTo.id, channel_id: channel.id },
              referenced_message: options.replyTo,
            }
          : {}),
      });
      if (options.garbled) Object.assign(message, { attachments: [null] });
      if (!options.unheard) gateway.dispatch('MESSAGE_CREATE', dispatched(world, message));
      return message;
    },
    post(channel, fields, from = world.ada) {
      const message = world.add({
        ...{ channel_id: channel.id, type: 0, content: '', author: from, mentions: [], mention_roles: [] },
        ...{ attachments: [], embeds: [], components: [] },
        ...fields,
      });
      gateway.dispatch('MESSAGE_CREATE', dispatched(world, message));
      return message;
    },
    update(message, fields) {
      Object.assign(message, fields);
      gateway.dispatch('MESSAGE_UPDATE', dispatched(world, message));
    },
    delete(...messages) {
      const [first] = messages;
      if (!first) return;
      for (const message of messages) world.messages.splice(world.messages.indexOf(message), 1);
      const { channel_id, id } = first;
      if (messages.length === 1) gateway.dispatch('MESSAGE_DELETE', { channel_id, id });
      else
        gateway.dispatch('MESSAGE_DELETE_BULK', { channel_id, ids: messages.map((message) => message.id) });
    },
    rename(channel, name) {
      channel.name = name;
      gateway.dispatch('CHANNEL_UPDATE', channel);
    },
    thread(parent, name, starter) {
      const thread: FakeChannel = { id: starter?.id ?? world.nextId(), type: 11, name, parent_id: parent.id };
      if (parent.guild_id) thread.guild_id = parent.guild_id;
      world.channels.set(thread.id, thread);
      gateway.dispatch('THREAD_CREATE', { ...thread, newly_created: true });
      return thread;
    },
    react(message, user, emoji) {
      const guild_id = world.channels.get(message.channel_id)?.guild_id;
      gateway.dispatch('MESSAGE_REACTION_ADD', {
        user_id: user.id,
        channel_id: message.channel_id,
        message_id: message.id,
        emoji: { id: null, name: emoji },
        ...(guild_id ? { guild_id, member: { user, nick: null } } : {}),
      });
    },
    click(message, user, label) {
      const id = world.nextId();
      const custom_id = customIdOf(message.components, label);
      const channel = world.channels.get(message.channel_id);
      gateway.dispatch('INTERACTION_CREATE', {
        id,
        application_id: world.bot.id,
        type: 3,
        token: `token-${id}`,
        channel_id: message.channel_id,
        channel,
        message: { id: message.id },
        data: { custom_id, component_type: 2 },
        ...(channel?.guild_id ? { guild_id: channel.guild_id, member: { user } } : { user }),
      });
      return id;
    },
    until(check) {
      return new Promise((resolve) => {
        const look = () => {
          if (!check()) return;
          changed.off('change', look);
          resolve();
        };
        changed.on('change', look);
        look();
      });
    },
    async goDown() {
      gateway.disconnect();
      await shut(server);
    },
    async comeUp() {
      await listen(server, state.port);
    },
    async close() {
      await gateway.close();
      await shut(server);
    },
  };
}

/** A message as the gateway tells it: with the server's id and the member's name there, which the history lacks. */
function dispatched(world: World, message: FakeMessage): object {
  const guild_id = world.channels.get(message.channel_id)?.guild_id;
  return { ...shown(message), ...(guild_id ? { guild_id, member: { nick: null, roles: [] } } : {}) };
}

async function callOf(request: IncomingMessage, origin: string): Promise<Call> {
  const url = new URL(request.url ?? '/', origin);
  const data = await buffer(request);
  const type = request.headers['content-type'] ?? '';
  const call: Call = {
    method: request.method ?? 'GET',
    path: url.pathname.replace(/^\/api\/v10/, ''),
    query: url.searchParams,
    body: type.startsWith('application/json') ? JSON.parse(data.toString()) : {},
    files: [],
    origin,
  };
  if (!type.startsWith('multipart/')) return call;
  const form = await new Response(data, { headers: { 'content-type': type } }).formData();
  for (const [name, value] of form) {
    if (name === 'payload_json') call.body = JSON.parse(String(value));
    else if (value instanceof File) {
      call.files.push({ name: value.name, type: value.type, data: Buffer.from(await value.arrayBuffer()) });
    }
  }
  return call;
}

function sendFile(response: ServerResponse, world: World, path: string): void {
  const file = world.files.get(path.split('/')[2] ?? '');
  if (file) response.writeHead(200, { 'content-type': file.content_type }).end(file.data);
  else reply(response, 404, {});
}

function reply(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(status === 204 ? undefined : JSON.stringify(body));
}

function customIdOf(components: unknown, label: string): string {
  const found = JSON.stringify(components).match(
    new RegExp(`\\{[^{}]*"label":${JSON.stringify(label)}[^{}]*\\}`),
  );
  const button: unknown = JSON.parse(found?.[0] ?? '{}');
  if (typeof button === 'object' && button !== null && 'custom_id' in button) return String(button.custom_id);
  throw new Error(`no button ${label}`);
}
