import {
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
} from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type ForwarderDeps, whileAway } from './retry.ts';

/** A little over what the gateway takes: it is the one to say that a request is too long. */
const MAX_BODY_BYTES = 40 * 1024 * 1024;

/** Passes one request on; it is held until the answer begins, so that it can be sent again. */
export async function forwardRequest(
  deps: ForwarderDeps,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const abort = new AbortController();
  response.once('close', () => abort.abort());
  try {
    const body = await readBody(request);
    if (body === null) return fail(response, 413, 'request_too_large', 'The request is too long.');
    const answer = await whileAway(deps, abort.signal, () =>
      send(deps.socketPath, request, body, abort.signal),
    );
    if (isAnswer(request, answer)) deps.onModelByte?.();
    response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
    await pipeline(answer, response);
  } catch {
    fail(response, 502, 'api_error', 'The host of this container does not answer.');
  }
}

const isAnswer = (request: IncomingMessage, answer: IncomingMessage) =>
  answer.statusCode === 200 && (request.url ?? '').split('?')[0] === '/v1/messages';

function send(
  socketPath: string,
  { method, url, headers }: IncomingMessage,
  body: Buffer,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      socketPath,
      method: method ?? 'GET',
      path: url ?? '/',
      headers: { ...endToEnd(headers), 'content-length': body.length },
      // One connection a request: there is no idle one that the host could close just as it is used again.
      agent: false,
      signal,
    });
    outgoing.once('response', resolve);
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Without what concerns one connection only: some clients take a cut answer for a whole one after `connection: close`. */
function endToEnd(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  const { connection: _1, 'keep-alive': _2, 'transfer-encoding': _3, ...rest } = headers;
  return rest;
}

async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    // Read to its end all the same: a client that still writes does not see the answer.
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    else chunks.length = 0;
  }
  return size <= MAX_BODY_BYTES ? Buffer.concat(chunks, size) : null;
}

/** The model API's own error format, which every client of it understands. */
function fail(response: ServerResponse, status: number, type: string, message: string): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ type: 'error', error: { type, message: `[wharfie] ${message}` } }));
}
