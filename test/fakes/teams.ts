import { z } from 'zod';
import { type Caller, createCaller } from './caller.js';
import { type Call, createPlatformServer, type PlatformServer } from './platform-server.js';
import { createSigner } from './signer.js';
import { createMethods } from './teams/methods.js';
import {
  buttonsOf,
  createWorld,
  type FakeAttachment,
  type FakeConversation,
  type FakeMessage,
  type FakeUser,
  type World,
} from './teams/world.js';

export { buttonsOf, type FakeConversation, type FakeMessage } from './teams/world.js';

/** Made once: keys take their time. */
const endorsed = createSigner('connector-key', { endorsements: ['msteams', 'webchat'] });
/** A key of the connector that may not speak for Teams. */
export const otherChannelsSigner = createSigner('other-key', { endorsements: ['webchat'] });

/** Teams and its connector on loopback: tokens, keys, the connector's API, and the calls that it makes to a bot. */
export interface FakeTeams {
  readonly world: World;
  readonly http: PlatformServer;
  readonly caller: Caller;
  /** Where the connector is; another one, and all conversations have moved. */
  serviceUrl: string;
  /** The only valid secret of the app; another one, and its tokens are revoked. */
  password: string;
  typed(): number;
  /** The `Authorization` of a call, with other claims where a test lies. */
  authorization(claims?: object, signer?: typeof endorsed): string;
  /** An activity as it is sent. */
  activity(conversation: FakeConversation, fields: object, thread?: string): Record<string, unknown>;
  say(conversation: FakeConversation, text: string, options?: SayOptions): FakeMessage;
  /** An activity with these fields, as the connector tells it. */
  tell(conversation: FakeConversation, fields: object, thread?: string): void;
  react(message: FakeMessage, type: string): void;
  /** A click on the button with this label; throws where the message has none. */
  click(message: FakeMessage, label: string, from?: FakeUser): void;
  said(conversation: FakeConversation, thread?: string): FakeMessage[];
  close(): Promise<void>;
}

export interface SayOptions {
  thread?: string;
  mention?: boolean;
  quote?: FakeMessage;
  files?: { name: string; data: Buffer }[];
  /** Something in the packet of it that no reader can cope with. */
  garbled?: boolean;
}

export async function createFakeTeams(now: () => number, endpoint: () => string): Promise<FakeTeams> {
  const world = createWorld(now);
  const methods = createMethods(world);
  const home = { path: 'teams' };
  const valid = { password: 'fake~client.secret_000000000000' };
  const tokenOf = (password: string) => `token-for-${password.length}-${password.slice(0, 4)}`;

  function giveToken(call: Call) {
    const form = z.record(z.string(), z.string()).parse(call.fields);
    const fails = (code: number) => ({ status: 401, body: { error: 'invalid_client', error_codes: [code] } });
    if (call.path.split('/')[1] !== world.tenantId) return fails(90002);
    if (form.client_id !== world.appId) return fails(700016);
    if (form.client_secret !== valid.password) return fails(7000215);
    const asked =
      form.scope === 'https://api.botframework.com/.default' && form.grant_type === 'client_credentials';
    if (!asked) return fails(0);
    return {
      status: 200,
      body: { access_token: tokenOf(valid.password), expires_in: 3599, token_type: 'Bearer' },
    };
  }

  const http = await createPlatformServer({
    nameOf: (call) => `${call.method} ${decodeURIComponent(call.path)}`,
    answer(call) {
      if (call.path === '/openid') return { status: 200, body: { jwks_uri: `${http.origin()}/keys` } };
      if (call.path === '/keys') {
        return { status: 200, body: { keys: [endorsed.jwk, otherChannelsSigner.jwk] } };
      }
      if (call.path.endsWith('/oauth2/v2.0/token')) return giveToken(call);
      if (call.authorization !== `Bearer ${tokenOf(valid.password)}`) return { status: 401, body: {} };
      const [, path, rest = ''] = /^\/(\w+)\/v3\/(.*)$/.exec(call.path) ?? [];
      if (path !== home.path) return { status: 404, body: { error: { code: 'ServiceHasMoved' } } };
      return methods.answer(call, rest);
    },
  });
  const caller = createCaller(endpoint);

  const fake: FakeTeams = {
    world,
    http,
    caller,
    get serviceUrl() {
      return `${http.origin()}/${home.path}/`;
    },
    set serviceUrl(value) {
      home.path = new URL(value).pathname.split('/')[1] ?? '';
    },
    get password() {
      return valid.password;
    },
    set password(value) {
      valid.password = value;
    },
    typed: () => methods.typed(),
    authorization(claims = {}, signer = endorsed) {
      const nbf = Math.floor(now() / 1000);
      const own = { iss: 'https://api.botframework.com', aud: world.appId, serviceurl: fake.serviceUrl };
      return `Bearer ${signer.sign({ ...own, nbf, exp: nbf + 3600, ...claims })}`;
    },
    activity(conversation, fields, thread) {
      const { id, conversationType, name } = conversation;
      const isChannel = conversationType === 'channel';
      const place = isChannel && thread ? `${id};messageid=${thread}` : id;
      const tenant = { id: world.tenantId };
      return {
        type: 'message',
        timestamp: new Date(now()).toISOString(),
        channelId: 'msteams',
        serviceUrl: fake.serviceUrl,
        from: world.ada,
        recipient: world.bot,
        conversation: {
          id: place,
          conversationType,
          tenantId: tenant.id,
          isGroup: id !== world.direct.id,
          ...(name ? { name } : {}),
        },
        channelData: { tenant, ...(isChannel ? { team: { id: world.team.id }, channel: { id } } : {}) },
        ...fields,
      };
    },
    say(conversation, text, { thread, mention, quote, files = [], garbled } = {}) {
      const entities = [
        { type: 'clientInfo', locale: 'en-GB', country: 'GB', platform: 'Web' },
        ...(mention ? [{ type: 'mention', text: `<at>${world.bot.name}</at>`, mentioned: world.bot }] : []),
        ...(quote
          ? [{ type: 'quotedReply', quotedReply: { messageId: quote.id, senderId: quote.from.id } }]
          : []),
      ];
      const said = `${quote ? `<quoted messageId="${quote.id}"/> ` : ''}${mention ? `<at>${world.bot.name}</at> ` : ''}${text}`;
      const html = { contentType: 'text/html', content: `<p>${said}</p>` };
      const attachments = [html, ...files.map(({ name, data }) => fileOf(name, data))];
      const fields = {
        conversation,
        from: world.ada,
        text: said,
        textFormat: 'plain',
        entities,
        attachments,
      };
      const message = world.add({ ...fields, ...(thread ? { thread } : {}) });
      const { id } = message;
      const activity = fake.activity(
        conversation,
        { id, text: said, textFormat: 'plain', entities, attachments: garbled ? [null] : attachments },
        message.thread,
      );
      void caller.call(conversation.id, fake.authorization(), activity);
      return message;
    },
    tell(conversation, fields, thread) {
      const activity = fake.activity(conversation, fields, thread);
      void caller.call(conversation.id, fake.authorization(), activity);
    },
    react(message, type) {
      const fields = {
        type: 'messageReaction',
        id: `f:${message.id}`,
        replyToId: message.id,
        reactionsAdded: [{ type }],
      };
      const activity = fake.activity(message.conversation, fields, message.thread);
      void caller.call(message.conversation.id, fake.authorization(), activity);
    },
    click(message, label, from = world.ada) {
      const button = buttonsOf(message).find((one) => one.title === label);
      if (!button) throw new Error(`no button ${label}`);
      const fields = {
        id: `f:${message.id}-${label}-${from.id}`,
        from,
        replyToId: message.id,
        value: button.data,
      };
      const activity = fake.activity(message.conversation, fields, message.thread);
      void caller.call(message.conversation.id, fake.authorization(), activity);
    },
    said: (conversation, thread) =>
      world.messages.filter(
        (message) =>
          message.from === world.bot &&
          message.conversation === conversation &&
          (thread === undefined || message.thread === thread),
      ),
    close: () => http.close(),
  };

  /** A file that a person put into a chat with the bot. */
  function fileOf(name: string, data: Buffer): FakeAttachment {
    const id = `file-${world.files.size}`;
    world.files.set(id, data);
    const downloadUrl = `${fake.serviceUrl}v3/attachments/${id}`;
    const content = { downloadUrl, uniqueId: id, fileType: name.split('.').at(-1) };
    return { contentType: 'application/vnd.microsoft.teams.file.download.info', name, content };
  }

  return fake;
}
