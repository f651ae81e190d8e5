import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { parseCall } from './messages-api/parse.js';
import { fail, respond } from './messages-api/respond.js';
import type { MessagesApi, ModelCall, Reply, Script, SeenRequest } from './messages-api/types.js';

export type * from './messages-api/types.js';

/**
 * A scripted model behind the real wire format of the Messages API, on loopback: streaming and whole answers, tool
 * calls, errors, broken connections, and a record of what arrived. A script is a list of replies or a function:
 *
 *     const api = await createMessagesApi(({ toolResults }) =>
 *       toolResults.length > 0 ? `It said ${toolResults[0]?.text}.` : { tools: [{ name: 'Bash', input: { command: 'date' } }] });
 */
export async function createMessagesApi(script: Script): Promise<MessagesApi> {
  const calls: ModelCall[] = [];
  const seen: SeenRequest[] = [];
  const waiting: { count: number; resolve(): void }[] = [];
  const endings: Promise<void>[] = [];
  let current = script;
  let start = 0;

  const decide = (call: ModelCall): Reply | Promise<Reply> => {
    if (typeof current === 'function') return current(call);
    return current[call.n - start] ?? { status: 400, message: 'the script has ended' };
  };

  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '';
    const method = request.method ?? '';
    const text = await readAll(request);
    seen.push({ method, path, headers: request.headers, body: text });
    const route = `${method} ${path.split('?')[0]}`;
    if (route === 'POST /v1/messages/count_tokens') {
      response.writeHead(200, { 'content-type': 'application/json' });
      return response.end(JSON.stringify({ input_tokens: Math.ceil(text.length / 4) }));
    }
    const parsed = route === 'POST /v1/messages' && parseCall(calls.length, path, request.headers, text);
    if (!parsed) return fail(response, { status: parsed === null ? 400 : 404 });
    calls.push(parsed.call);
    endings.push(new Promise((resolve) => response.once('close', resolve)));
    for (const waiter of waiting) if (calls.length >= waiter.count) waiter.resolve();
    return respond(response, parsed.call, await decide(parsed.call), parsed.stream);
  };

  const server = createServer((request, response) => {
    take(request, response).catch((error: unknown) => {
      if (response.headersSent) return response.destroy();
      return fail(response, { status: 400, message: `the script failed: ${String(error)}` });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    calls,
    seen,
    setScript(next) {
      current = next;
      start = calls.length;
    },
    async callsReach(count) {
      if (calls.length < count) await new Promise<void>((resolve) => waiting.push({ count, resolve }));
      return calls;
    },
    ended: async (n) => endings[n],
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
