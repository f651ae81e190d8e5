import { createHmac } from 'node:crypto';
import type { z } from 'zod';
import type { Answer, Call } from '../platform-server.js';
import { MEDIA, messageSchema, readSchema } from './schemas.js';
import type { FakeSent, World } from './world.js';

export interface GraphDeps {
  world: World;
  origin(): string;
  credentials: { token: string; appSecret: string };
  /** A status of a message, as the webhook tells it. */
  tell(id: string, to: string, status: string, code?: number): void;
}

const ok = (body: object): Answer => ({ status: 200, body });

/** An error as the Graph API answers it. */
export const refusal = (status: number, code: number): Answer => ({
  status,
  body: { error: { message: `(#${code}) told`, type: 'OAuthException', code, fbtrace_id: 'A1' } },
});

type Message = z.infer<typeof messageSchema>;

/** The Graph API as far as one phone number of the Cloud API needs it. */
export function createGraphApi({ world, origin, credentials, tell }: GraphDeps) {
  function say(message: Message): Answer {
    const { to, context } = message;
    const person = world.people.find((one) => one.wa_id === to);
    const id = world.nextId('wamid.');
    if (message.type === 'reaction') {
      world.reactions.set(message.reaction.message_id, message.reaction.emoji);
    } else {
      const sent = said(message);
      if (!sent) return refusal(400, 131009);
      const failure = !person?.reachable ? 131026 : !person.windowOpen ? 131047 : null;
      world.sent.push({ ...sent, id, to, replyTo: context?.message_id ?? null, failed: failure !== null });
      if (failure === null) for (const status of ['sent', 'delivered']) tell(id, to, status);
      else tell(id, to, 'failed', failure);
    }
    return ok({
      messaging_product: 'whatsapp',
      contacts: [{ input: to, wa_id: to }],
      messages: [{ id }],
    });
  }

  function said(message: Message): Omit<FakeSent, 'id' | 'to' | 'replyTo' | 'failed'> | null {
    const { type } = message;
    const plain = { type, text: '', media: null, choices: [] };
    if (message.type === 'text') return { ...plain, text: message.text.body };
    if (message.type === 'interactive') {
      const { interactive } = message;
      const choices =
        interactive.type === 'button'
          ? interactive.action.buttons.map((button) => button.reply)
          : interactive.action.sections.flatMap((section) => section.rows);
      if (new Set(choices.map(({ title }) => title)).size !== choices.length) return null;
      return { ...plain, text: interactive.body.text, choices };
    }
    const [file] = Object.entries(message).flatMap(([key, value]) => (key === type ? [value] : []));
    const { id, caption } = file as { id: string; caption?: string };
    const media = world.media.get(id);
    return media ? { ...plain, text: caption ?? '', media } : null;
  }

  function upload({ files, fields }: Call): Answer {
    const [file] = files;
    if (!file || fields.messaging_product !== 'whatsapp' || !MEDIA.test(file.type)) return refusal(400, 100);
    return ok({ id: world.keep({ name: file.name, mimeType: file.type, data: file.data }).id });
  }

  function post(path: string, call: Call): Answer {
    if (path === 'media') return upload(call);
    const read = readSchema.safeParse(call.fields).data;
    if (read) {
      if (read.typing_indicator) world.typing.push(read.message_id);
      return ok({ success: true });
    }
    const message = messageSchema.safeParse(call.fields);
    return message.success ? say(message.data) : refusal(400, 131009);
  }

  return (call: Call): Answer | Buffer => {
    const { token, appSecret } = credentials;
    if (call.authorization !== `Bearer ${token}`) return refusal(401, 190);
    const path = call.path.replace(/^\/v\d+\.0\//, '').replace(/^\//, '');
    const [first = '', second = ''] = path.split('/');
    if (first === 'files') return world.media.get(second)?.data ?? refusal(404, 100);
    if (path === 'me') {
      const proof = call.query.get('appsecret_proof');
      const expected = createHmac('sha256', appSecret).update(token).digest('hex');
      return proof !== null && proof !== expected ? refusal(400, 100) : ok({ id: '122000000000001' });
    }
    if (first === world.phoneNumberId) {
      if (call.method === 'POST') return post(second, call);
      return ok({ id: first, display_phone_number: '+1 555 123 0001', verified_name: 'Wharfie' });
    }
    const media = world.media.get(first);
    if (!media) return refusal(400, 100);
    const { id, mimeType: mime_type, data } = media;
    return ok({
      id,
      messaging_product: 'whatsapp',
      mime_type,
      file_size: data.length,
      url: `${origin()}/files/${id}`,
    });
  };
}
