import { type Caller, createCaller } from './caller.js';
import { createMethods } from './gchat/methods.js';
import { CHAT_EMAIL, chatSigner, giveToken, googleSigner } from './gchat/tokens.js';
import {
  buttonsOf,
  createWorld,
  type FakeMessage,
  type FakeSpace,
  type FakeUser,
  type World,
} from './gchat/world.js';
import { type Call, createPlatformServer, type PlatformServer } from './platform-server.js';

export { buttonsOf, type FakeMessage, type FakeSpace } from './gchat/world.js';

/** A Google Chat on loopback: its API, its tokens and keys, and the calls that it makes to an app. */
export interface FakeGoogleChat {
  readonly world: World;
  readonly http: PlatformServer;
  readonly caller: Caller;
  readonly projectNumber: string;
  /** What the app may call with now; null: its key is refused. */
  token: string | null;
  /** Calls as Google does for a Workspace add-on at this address; null: for an app that is none. */
  addOnAt: string | null;
  /** The `Authorization` of a call, with other claims where a test lies. */
  authorization(claims?: object, signer?: typeof chatSigner): string;
  say(space: FakeSpace, text: string, options?: SayOptions): FakeMessage;
  /** A click on the button with this label; throws where the message has none. */
  click(message: FakeMessage, label: string, user?: FakeUser): void;
  said(space: FakeSpace, thread?: string): FakeMessage[];
  /** An event as it is sent for what happened. */
  eventOf(type: string, message: FakeMessage, fields?: object, user?: FakeUser): object;
  close(): Promise<void>;
}

export interface SayOptions {
  thread?: string;
  files?: { name: string; data: Buffer }[];
  /** Something in the packet of it that no reader can cope with. */
  garbled?: boolean;
}

export async function createFakeGoogleChat(
  now: () => number,
  endpoint: () => string,
): Promise<FakeGoogleChat> {
  const world = createWorld(now);
  const methods = createMethods(world);
  const access = { token: 'ya29.fake-access-token' as string | null };
  const http = await createPlatformServer({
    nameOf: (call: Call) => `${call.method} ${call.path}`,
    answer(call) {
      if (call.path === '/token') return giveToken(call, now, access.token);
      if (call.path.startsWith('/service_accounts/'))
        return { status: 200, body: { keys: [chatSigner.jwk] } };
      if (call.path === '/oauth2/v3/certs') return { status: 200, body: { keys: [googleSigner.jwk] } };
      if (access.token === null || call.authorization !== `Bearer ${access.token}`) {
        return { status: 401, body: { error: { code: 401, status: 'UNAUTHENTICATED' } } };
      }
      return methods(call);
    },
  });
  const caller = createCaller(endpoint);

  const fake: FakeGoogleChat = {
    world,
    http,
    caller,
    projectNumber: '123456789012',
    get token() {
      return access.token;
    },
    set token(value) {
      access.token = value;
    },
    addOnAt: null,
    authorization(claims = {}, signer = fake.addOnAt === null ? chatSigner : googleSigner) {
      const iat = Math.floor(now() / 1000);
      const email = `service-${fake.projectNumber}@gcp-sa-gsuiteaddons.iam.gserviceaccount.com`;
      const own =
        fake.addOnAt === null
          ? { iss: CHAT_EMAIL, aud: fake.projectNumber }
          : { iss: 'https://accounts.google.com', aud: fake.addOnAt, email, email_verified: true };
      return `Bearer ${signer.sign({ ...own, iat, exp: iat + 3600, ...claims })}`;
    },
    eventOf(type, message, fields = {}, user = world.ada) {
      const { space, ...rest } = message;
      const told = { ...rest, space };
      const eventTime = new Date(now()).toISOString();
      if (fake.addOnAt === null) return { type, eventTime, space, user, message: told, ...fields };
      const payload = type === 'MESSAGE' ? 'messagePayload' : 'buttonClickedPayload';
      const chat = { user, eventTime, [payload]: { space, message: told, user } };
      return { chat, ...fields };
    },
    say(space, text, options = {}) {
      // In a space an app hears only what is said to it.
      const isDirect = space.spaceType === 'DIRECT_MESSAGE';
      const message = world.add(
        space,
        world.ada,
        isDirect ? text : `@${world.app.displayName} ${text}`,
        options.thread,
      );
      message.argumentText = isDirect ? text : ` ${text}`;
      message.attachment = (options.files ?? []).map(({ name, data }) => ({
        name: `${message.name}/attachments/1`,
        contentName: name,
        contentType: 'application/octet-stream',
        source: 'UPLOADED_CONTENT',
        attachmentDataRef: { resourceName: world.keep(data) },
      }));
      if (options.garbled) Object.assign(message, { attachment: [null] });
      void caller.call(space.name, fake.authorization(), fake.eventOf('MESSAGE', message));
      return message;
    },
    click(message, label, user = world.ada) {
      const button = buttonsOf(message).find((one) => one.text === label);
      if (!button) throw new Error(`no button ${label}`);
      const parameters = Object.fromEntries(button.parameters.map(({ key, value }) => [key, value]));
      const fields =
        fake.addOnAt === null
          ? { action: { actionMethodName: button.function, parameters: button.parameters } }
          : { commonEventObject: { parameters } };
      const event = fake.eventOf('CARD_CLICKED', message, fields, user);
      void caller.call(message.space.name, fake.authorization(), event);
    },
    said: (space, thread) =>
      world.messages.filter(
        (message) =>
          message.sender === world.app &&
          message.space === space &&
          (thread === undefined || message.thread.name === thread),
      ),
    async close() {
      await http.close();
    },
  };
  return fake;
}
