import { z } from 'zod';
import type { Answer, Call } from '../platform-server.js';
import type { FakeMessage, World } from './world.js';

const attachmentSchema = z.object({
  contentType: z.string(),
  contentUrl: z.string().optional(),
  name: z.string().optional(),
  content: z.unknown().optional(),
});
const bodySchema = z.object({
  type: z.enum(['message', 'typing']),
  from: z.object({ id: z.string() }),
  text: z.string().default(''),
  textFormat: z.string().default(''),
  attachments: z.array(attachmentSchema).default([]),
  entities: z.array(z.unknown()).default([]),
});

const fails = (status: number, code: string): Answer => ({
  status,
  body: { error: { code, message: 'no' } },
});
/** learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages */
const LARGEST_MESSAGE = 100 * 1024;

/** The connector's methods that a bot in Teams may call, by what stands behind `/v3/`. */
export function createMethods(world: World) {
  let typed = 0;

  function say(call: Call, place: string): Answer {
    const [id = '', thread] = place.split(';messageid=');
    const conversation = world.conversations.get(id);
    const body = bodySchema.safeParse(call.fields).data;
    if (!conversation) return fails(404, 'ConversationNotFound');
    if (call.data.length > LARGEST_MESSAGE) return fails(413, 'MessageSizeTooBig');
    if (!body || body.from.id !== world.bot.id) return fails(400, 'BadSyntax');
    if (body.type === 'typing') {
      typed += 1;
      return { status: 200, body: { id: String(typed) } };
    }
    const { text, textFormat, entities } = body;
    if (text === '' && body.attachments.length === 0) return fails(400, 'BadSyntax');
    const said = {
      conversation,
      from: world.bot,
      text,
      textFormat,
      entities,
      attachments: attachmentsOf(body),
    };
    const message = world.add({ ...said, ...(thread ? { thread } : {}) });
    return { status: 201, body: { id: message.id } };
  }

  function change(call: Call, message: FakeMessage | undefined): Answer {
    const body = bodySchema.safeParse(call.fields).data;
    if (!message || !body) return fails(404, 'ActivityNotFoundInConversation');
    if (message.from !== world.bot) return fails(403, 'ForbiddenOperationException');
    message.text = body.text;
    return { status: 200, body: { id: message.id } };
  }

  function react(message: FakeMessage | undefined, type: string): Answer {
    if (!message) return fails(404, 'ActivityNotFoundInConversation');
    message.reactions.push(type);
    return { status: 200, body: {} };
  }

  function teamOf(id: string, rest: string | undefined): Answer {
    if (id !== world.team.id) return fails(404, 'NotFound');
    if (rest === undefined) return { status: 200, body: { ...world.team, aadGroupId: world.tenantId } };
    return { status: 200, body: { conversations: [{ id: world.general.id, name: null }] } };
  }

  const messageOf = (id = '') => world.messages.find((message) => message.id === id);

  return {
    typed: () => typed,
    answer(call: Call, path: string): Answer | Buffer {
      const [kind, id = '', , activity, , reaction] = path.split('/').map(decodeURIComponent);
      if (kind === 'attachments') return world.files.get(id) ?? fails(404, 'NotFound');
      if (kind === 'teams') return teamOf(id, path.split('/')[2]);
      if (call.method === 'POST') return say(call, id);
      return reaction === undefined
        ? change(call, messageOf(activity))
        : react(messageOf(activity), reaction);
    },
  };
}

function attachmentsOf({ attachments }: z.infer<typeof bodySchema>): FakeMessage['attachments'] {
  return attachments.map(({ contentType, contentUrl, name, content }) => ({
    contentType,
    ...(contentUrl === undefined ? {} : { contentUrl }),
    ...(name === undefined ? {} : { name }),
    content,
  }));
}
