import { z } from 'zod';
import type { Answer, Call } from '../platform-server.js';
import type { FakeMessage, World } from './world.js';

const bodySchema = z.object({
  text: z.string().default(''),
  cardsV2: z.array(z.unknown()).optional(),
  fallbackText: z.string().optional(),
  thread: z.object({ name: z.string() }).optional(),
});

const fails = (status: number, name: string): Answer => ({
  status,
  body: { error: { code: status, status: name, message: 'as asked for', details: [] } },
});
const NOT_FOUND = fails(404, 'NOT_FOUND');
/** developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages/create */
const LARGEST_MESSAGE = 32_000;

/** The methods of the Chat API that an app may call as itself. */
export function createMethods(world: World) {
  const byRequest = new Map<string, FakeMessage>();

  function create(call: Call, spaceName: string): Answer {
    const space = world.spaces.get(spaceName);
    const body = bodySchema.safeParse(call.fields).data;
    if (!space) return NOT_FOUND;
    const empty = !body || (body.text.trim() === '' && !body.cardsV2);
    if (empty || call.data.length > LARGEST_MESSAGE) return fails(400, 'INVALID_ARGUMENT');
    const requestId = call.query.get('requestId') ?? '';
    const known = byRequest.get(requestId);
    if (known) return { status: 200, body: known };
    const { text, cardsV2, fallbackText, thread } = body;
    // Without this option a named thread is not answered in; where there are no threads it is of no use.
    const inThread =
      call.query.get('messageReplyOption') && space.spaceType === 'SPACE' ? thread?.name : undefined;
    const message = Object.assign(world.add(space, world.app, text, inThread), {
      ...(cardsV2 ? { cardsV2 } : {}),
      ...(fallbackText ? { fallbackText } : {}),
    });
    if (requestId) byRequest.set(requestId, message);
    return { status: 200, body: message };
  }

  /** `filter=thread.name = …`; an app needs the approval of an administrator for it. */
  function list(call: Call, space: string): Answer {
    const thread = /^thread\.name = (\S+)$/.exec(call.query.get('filter') ?? '')?.[1];
    if (!world.isApproved) return fails(403, 'PERMISSION_DENIED');
    const found = world.messages.filter((one) => one.space.name === space && one.thread.name === thread);
    return { status: 200, body: { messages: found.slice(0, Number(call.query.get('pageSize'))) } };
  }

  function patch(call: Call, name: string): Answer {
    const message = world.messages.find((one) => one.name === name);
    if (!message) return NOT_FOUND;
    if (message.sender !== world.app) return fails(403, 'PERMISSION_DENIED');
    if (call.query.get('updateMask') !== 'text') return fails(400, 'INVALID_ARGUMENT');
    message.text = bodySchema.parse(call.fields).text;
    return { status: 200, body: message };
  }

  return (call: Call): Answer | Buffer => {
    const path = decodeURIComponent(call.path.replace(/^\/v1\//, ''));
    if (path.startsWith('media/')) return world.media.get(path.slice('media/'.length)) ?? NOT_FOUND;
    if (path === 'spaces') return { status: 200, body: { spaces: [...world.spaces.values()] } };
    const sent = /^(spaces\/[^/]+)\/messages$/.exec(path)?.[1];
    if (sent && call.method === 'POST') return create(call, sent);
    if (sent) return list(call, sent);
    if (call.method === 'PATCH') return patch(call, path);
    const message = world.messages.find((one) => one.name === path);
    if (message && call.method === 'GET') return { status: 200, body: message };
    const space = world.spaces.get(path);
    return space ? { status: 200, body: space } : NOT_FOUND;
  };
}
