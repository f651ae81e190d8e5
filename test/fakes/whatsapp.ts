import { createHash, createHmac } from 'node:crypto';
import type { Clock } from '../../src/clock.js';
import { type Call, createPlatformServer, type PlatformServer } from './platform-server.js';
import { createWebhookSender, type Posting, type WebhookSender } from './webhook-sender.js';
import { createGraphApi } from './whatsapp/graph.js';
import { createWorld, type FakePerson, type FakeSent, type World } from './whatsapp/world.js';

export type { FakePerson, FakeSent } from './whatsapp/world.js';

/** WhatsApp's Cloud API on loopback: the Graph API with a log of what arrived, and Meta's calls of the webhook. */
export interface FakeWhatsApp {
  readonly world: World;
  readonly http: PlatformServer;
  readonly hook: WebhookSender;
  /** The only valid ones; change one and the old one is revoked. */
  readonly credentials: { token: string; appSecret: string };
  /** Where the webhook is; null: not set up yet. */
  webhookUrl: string | null;
  /** What the portal does when the webhook is set up there; the status, and whether the challenge came back. */
  verify(verifyToken: string): Promise<{ status: number; echoed: boolean }>;
  /** What arrived at that person, oldest first. */
  said(person: FakePerson): FakeSent[];
  /** Returns the message's id. */
  say(person: FakePerson, text: string, options?: SayOptions): string;
  /** Sends a message with these fields; its id. */
  send(person: FakePerson, message: object): string;
  react(person: FakePerson, messageId: string, emoji: string): void;
  /** Chooses what has this title; throws where the message has none. Returns the id of the person's message. */
  choose(person: FakePerson, messageId: string, title: string): string;
  /** Calls the webhook with what Meta's field `messages` has. */
  push(value: object): void;
  /** A call with this body, signed, and not made. */
  posting(body: string): Posting;
  /** The body of a call that tells what a person says. */
  bodyOf(person: FakePerson, text: string): string;
}

export interface SayOptions {
  replyTo?: string;
  file?: { name: string; data: Buffer };
  /** Something in the packet of it that no reader can cope with. */
  garbled?: boolean;
}

/** Meta calls again at once, and then for days. */
const RETRIES = [0, 0, 0, 4000];

export async function createFakeWhatsApp(
  clock: Clock,
  retries: readonly number[] = RETRIES,
): Promise<FakeWhatsApp> {
  const world = createWorld();
  const credentials = { token: `EAA${'fake0'.repeat(10)}`, appSecret: 'a1'.repeat(16) };
  const state: { webhookUrl: string | null } = { webhookUrl: null };
  const posting = (body: string) => ({
    headers: {
      'content-type': 'application/json',
      'x-hub-signature-256': `sha256=${createHmac('sha256', credentials.appSecret).update(body).digest('hex')}`,
    },
    body,
  });
  const hook = createWebhookSender({
    url: () => state.webhookUrl ?? 'http://nowhere',
    retries,
    clock,
  });
  const metadata = { display_phone_number: '15551230001', phone_number_id: world.phoneNumberId };
  const bodyWith = (value: object) => {
    const change = { field: 'messages', value: { messaging_product: 'whatsapp', metadata, ...value } };
    return JSON.stringify({ object: 'whatsapp_business_account', entry: [{ id: '1', changes: [change] }] });
  };
  const push = (value: object, key = 'business') => hook.send(key, () => posting(bodyWith(value)));
  const timestamp = () => String(Math.floor(clock.now() / 1000));
  const graph = createGraphApi({
    world,
    origin: () => http.origin(),
    credentials,
    tell(id, recipient_id, status, code) {
      const errors = code === undefined ? {} : { errors: [{ code, title: 'told', message: 'told' }] };
      push({ statuses: [{ id, status, timestamp: timestamp(), recipient_id, ...errors }] });
    },
  });
  const nameOf = (call: Call) => `${call.method} ${call.path.replace(/^\/v\d+\.0/, '')}`;
  const http: PlatformServer = await createPlatformServer({ nameOf, answer: (call) => graph(call) });

  const saidBy = ({ wa_id, name }: FakePerson, id: string, message: object) => ({
    contacts: [{ profile: { name }, wa_id }],
    messages: [{ from: wa_id, id, timestamp: timestamp(), ...message }],
  });
  function from(person: FakePerson, message: object): string {
    const id = world.nextId('wamid.');
    push(saidBy(person, id, message), person.wa_id);
    return id;
  }

  return {
    world,
    http,
    hook,
    credentials,
    get webhookUrl() {
      return state.webhookUrl;
    },
    set webhookUrl(value) {
      state.webhookUrl = value;
    },
    async verify(verifyToken) {
      const query = new URLSearchParams({
        'hub.mode': 'subscribe',
        'hub.challenge': '1158201444',
        'hub.verify_token': verifyToken,
      });
      const response = await fetch(`${state.webhookUrl}?${query}`);
      return { status: response.status, echoed: (await response.text()) === '1158201444' };
    },
    said: ({ wa_id }) => world.sent.filter((sent) => sent.to === wa_id && !sent.failed),
    say(person, text, { replyTo, file, garbled } = {}) {
      const context = replyTo ? { context: { from: metadata.display_phone_number, id: replyTo } } : {};
      if (!file) return from(person, { ...context, type: 'text', text: { body: garbled ? 5 : text } });
      const mimeType = 'application/pdf';
      const { id } = world.keep({ ...file, mimeType });
      const sha256 = createHash('sha256').update(file.data).digest('base64');
      const document = { id, mime_type: mimeType, sha256, filename: file.name, caption: text };
      return from(person, { ...context, type: 'document', document });
    },
    send: from,
    react: (person, message_id, emoji) =>
      void from(person, { type: 'reaction', reaction: { message_id, emoji } }),
    choose(person, messageId, title) {
      const sent = world.sent.find((one) => one.id === messageId);
      const choice = sent?.choices.find((one) => one.title === title);
      if (!choice) throw new Error(`nothing to choose is called ${title}`);
      const type = choice.description === undefined ? 'button_reply' : 'list_reply';
      const context = { context: { from: metadata.display_phone_number, id: messageId } };
      return from(person, { ...context, type: 'interactive', interactive: { type, [type]: choice } });
    },
    push: (value) => push(value),
    posting,
    bodyOf: (person, body) =>
      bodyWith(saidBy(person, world.nextId('wamid.'), { type: 'text', text: { body } })),
  };
}
