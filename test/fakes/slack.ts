import { type Clock, systemClock } from '../../src/clock.js';
import { type Call, createPlatformServer, type PlatformServer } from './platform-server.js';
import { createMethods } from './slack/methods.js';
import { createFakeSocket, type FakeSocket } from './slack/socket.js';
import { createFakeWebhook, type FakeSlackWebhook } from './slack/webhook.js';
import { buttonsOf, createWorld, type FakeMessage, type FakeUser, shown, type World } from './slack/world.js';

export { buttonsOf, type FakeMessage, type FakeUser } from './slack/world.js';

/** A Slack on loopback: Web API, files, and socket mode or webhooks, with a log of what arrived. */
export interface FakeSlack {
  readonly world: World;
  readonly http: PlatformServer;
  readonly socket: FakeSocket;
  readonly webhook: FakeSlackWebhook;
  readonly apiUrl: string;
  /** The only valid ones; change one and the old one is revoked. */
  botToken: string;
  appToken: string;
  /** What the bot has said, oldest first, in a channel itself or in one of its threads. */
  said(channel: string, thread?: string): FakeMessage[];
  say(channel: string, text: string, options?: SayOptions): FakeMessage;
  /** The payload of a message's event. */
  eventOf(message: FakeMessage): object;
  /** A message with whatever fields Slack gives to its kind. */
  post(channel: string, fields: object, from?: FakeUser): FakeMessage;
  /** Slack tells that a message has these fields now. */
  change(message: FakeMessage, fields: object): void;
  delete(message: FakeMessage): void;
  /** An event of any kind. */
  event(fields: object): void;
  react(message: FakeMessage, user: FakeUser, name: string): void;
  /** A click on the button with this label; throws where the message has none. */
  click(message: FakeMessage, user: FakeUser, label: string): void;
  close(): Promise<void>;
}

export interface SayOptions {
  from?: FakeUser;
  thread?: string;
  mention?: boolean;
  files?: { name: string; data: Buffer }[];
  /** Something in the packet of it that no reader can cope with. */
  garbled?: boolean;
  /** Slack's event is lost: it is in the history only. */
  unheard?: boolean;
}

const SCOPES =
  'chat:write,users:read,reactions:read,reactions:write,files:read,files:write,channels:read,channels:history,' +
  'groups:read,groups:history,im:read,im:history,mpim:read,mpim:history';

/** With `webhookUrl` it calls that, else it waits for a socket. */
export async function createFakeSlack(
  clock: Clock = systemClock,
  webhookUrl?: () => string,
): Promise<FakeSlack> {
  const { now } = clock;
  const world = createWorld(now);
  const tokens = {
    botToken: 'xoxb-fake-token-for-tests-000000000000',
    appToken: 'xapp-fake-token-for-tests-000000000000',
  };
  const methods = createMethods({ world, origin: () => http.origin(), socketUrl: () => socketUrl() });
  const nameOf = (call: Call) => call.path.replace(/^\/(?:api\/)?/, '');
  const http: PlatformServer = await createPlatformServer({
    nameOf,
    answer(call) {
      const name = nameOf(call);
      const bearer = /^Bearer (.*)$/.exec(call.authorization)?.[1] ?? call.fields.token;
      if (name.startsWith('upload/')) return methods(name, call);
      const valid = name === 'apps.connections.open' ? tokens.appToken : tokens.botToken;
      if (bearer !== valid) return { status: 200, body: { ok: false, error: 'invalid_auth' } };
      const file = /^files\/(\w+)$/.exec(name)?.[1];
      if (file) return world.files.get(file) ?? { status: 404, body: {} };
      return { ...methods(name, call), headers: { 'x-oauth-scopes': SCOPES } };
    },
  });
  const socketUrl = () => `${http.origin().replace('http', 'ws')}/socket?ticket=1`;
  const socket = createFakeSocket(http.server, () => {});

  const webhook = createFakeWebhook(clock, webhookUrl ?? (() => ''));
  const dispatch = (type: 'events_api' | 'interactive', payload: object) =>
    void (webhookUrl ? webhook : socket).dispatch(type, payload);
  const event = (fields: object) => dispatch('events_api', { type: 'event_callback', event: fields });
  const eventOf = (message: FakeMessage) => ({
    ...shown(world, message),
    channel: message.channel,
    channel_type: world.channels.get(message.channel)?.is_im ? 'im' : 'channel',
    event_ts: message.ts,
  });

  /** docs.slack.dev/reference/events/message/message_changed and …/message_deleted */
  const changeOf = ({ channel }: FakeMessage, fields: object) => {
    const ts = `${Math.floor(now() / 1000)}.${world.nextId('').slice(-6).padStart(6, '0')}`;
    const channel_type = world.channels.get(channel)?.is_im ? 'im' : 'channel';
    return { type: 'message', hidden: true, channel, channel_type, ts, event_ts: ts, ...fields };
  };

  return {
    world,
    http: {
      ...http,
      async goDown() {
        socket.disconnect();
        await http.goDown();
      },
    },
    socket,
    webhook,
    get apiUrl() {
      return `${http.origin()}/api/`;
    },
    get botToken() {
      return tokens.botToken;
    },
    set botToken(value) {
      tokens.botToken = value;
    },
    get appToken() {
      return tokens.appToken;
    },
    set appToken(value) {
      tokens.appToken = value;
    },
    said: (channel, thread) =>
      world.messages.filter(
        (message) =>
          message.user === world.bot.id && message.channel === channel && message.thread_ts === thread,
      ),
    say(channel, text, options = {}) {
      const { id: user, bot_id } = options.from ?? world.ada;
      const root = world.messages.find((message) => message.ts === options.thread);
      const files = (options.files ?? []).map(({ name, data }) =>
        world.keepFile(http.origin(), name, 'application/octet-stream', data),
      );
      const message = world.add({
        channel,
        user,
        text: options.mention ? `<@${world.bot.id}> ${text}` : text,
        ...(bot_id ? { bot_id } : {}),
        ...(root ? { thread_ts: root.ts, parent_user_id: root.user } : {}),
        ...(files.length > 0 ? { files, subtype: 'file_share' } : {}),
      });
      if (options.garbled) Object.assign(message, { attachments: [null] });
      if (options.unheard) return message;
      event(eventOf(message));
      if (options.mention) event({ ...eventOf(message), type: 'app_mention' });
      return message;
    },
    event,
    post(channel, fields, from = world.ada) {
      const message = world.add({ channel, user: from.id, text: '', ...fields });
      event(eventOf(message));
      return message;
    },
    change(message, fields) {
      const previous_message = shown(world, message);
      Object.assign(message, fields);
      event(
        changeOf(message, { subtype: 'message_changed', message: shown(world, message), previous_message }),
      );
    },
    delete(message) {
      world.messages.splice(world.messages.indexOf(message), 1);
      const previous_message = shown(world, message);
      event(changeOf(message, { subtype: 'message_deleted', deleted_ts: message.ts, previous_message }));
    },
    eventOf: (message) => ({ type: 'event_callback', event: eventOf(message) }),
    react(message, user, name) {
      const item = { type: 'message', channel: message.channel, ts: message.ts };
      event({
        type: 'reaction_added',
        user: user.id,
        reaction: name,
        item,
        item_user: message.user,
        event_ts: '1',
      });
    },
    click(message, user, label) {
      const button = buttonsOf(message).find((one) => one.text.text === label);
      if (!button) throw new Error(`no button ${label}`);
      const action = { ...button, action_ts: `${now() / 1000}` };
      dispatch('interactive', {
        type: 'block_actions',
        user: { id: user.id, username: user.name },
        channel: { id: message.channel },
        message: shown(world, message),
        container: { type: 'message', message_ts: message.ts, channel_id: message.channel },
        actions: [action],
      });
    },
    async close() {
      await webhook.sender.close();
      await socket.close();
      await http.close();
    },
  };
}
