import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { apiUrl } from '../credentials/api-url.js';
import { CredentialError, type ModelUpstream } from '../credentials/types.js';
import { codeOf, reasonOf } from '../errors.js';
import { readBody } from './body.js';
import { betasOf, headersFromApi, headersToApi } from './headers.js';
import { createIdleTimer } from './idle.js';
import { credentialRefusal, Refusal } from './refusal.js';
import { createRequestRules } from './request-rules.js';
import type { Egress, EgressSession } from './session.js';

const PATHS = new Set(['/v1/messages', '/v1/messages/count_tokens']);

/** The one thing that a container may ask of the host by plain HTTP: to call the model. Throws a Refusal. */
export async function modelRoute(
  egress: Egress,
  session: EgressSession,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const target = targetOf(request);
  if (session.modelRequests >= egress.limits.modelRequests) {
    throw new Refusal(429, 'egress-busy', 'Too many model requests at once.', { audited: false });
  }
  session.modelRequests += 1;
  const { egress: policy, serverTools } = session.config;
  let held = 0;
  try {
    const body = await readBody(request, {
      max: egress.limits.body,
      budget: session.bodies,
      rules: createRequestRules({ serverTools, outward: policy === 'web' }),
    });
    held = body.length;
    noteBetas(egress, session, request);
    const upstream = await credentialsFor(egress, session);
    await forward(egress, session, { target, body, upstream, request, response });
  } finally {
    session.bodies.held -= held;
    session.modelRequests -= 1;
  }
}

/** Path and query for the API, made anew from what is known; a request to anything else is refused. */
function targetOf(request: IncomingMessage): string {
  const [path = '', query = ''] = (request.url ?? '').split('?');
  if (!path.startsWith('/')) {
    throw new Refusal(403, 'egress-plain-http', 'Only CONNECT is served for other hosts: use https.');
  }
  if (request.method !== 'POST' || !PATHS.has(path)) {
    throw new Refusal(404, 'egress-path', 'Only POST /v1/messages and /v1/messages/count_tokens are served.');
  }
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new Refusal(415, 'egress-encoding', 'The body must not be compressed.');
  }
  return new URLSearchParams(query).get('beta') === 'true' ? `${path}?beta=true` : path;
}

/** A beta that nobody knows is left out of the request, which is no reason to lose the rest of it. */
function noteBetas(
  { denials }: Egress,
  { config: { sessionId, agent } }: EgressSession,
  request: IncomingMessage,
) {
  for (const name of betasOf(request.headers).unknown) {
    const subject = `anthropic-beta: ${name}`;
    denials.record({ session: sessionId, agent: agent.identifier, reason: 'egress-beta', subject });
  }
}

async function credentialsFor(egress: Egress, session: EgressSession): Promise<ModelUpstream> {
  try {
    return await egress.credentials.modelUpstream(session.config.agent);
  } catch (error) {
    throw credentialRefusal(error);
  }
}

interface Forwarded {
  target: string;
  body: Buffer;
  upstream: ModelUpstream;
  request: IncomingMessage;
  response: ServerResponse;
}

async function forward(egress: Egress, session: EgressSession, call: Forwarded): Promise<void> {
  const { upstream, request, response } = call;
  const sessionId = session.config.sessionId;
  const started = egress.clock.monotonic();
  const abort = new AbortController();
  const idle = createIdleTimer(egress.clock, egress.limits.answerIdle, () => abort.abort());
  const left = () => abort.abort();
  response.once('close', left);
  try {
    const answer = await egress.upstream.send({
      url: apiUrl(upstream.baseUrl, call.target),
      headers: headersToApi(request.headers, upstream.headers, call.body.length),
      body: call.body,
      signal: abort.signal,
      via: upstream.via,
    });
    const status = answer.statusCode ?? 502;
    const refused = noteKey(egress, session, status);
    if (refused) {
      answer.destroy();
      throw refused;
    }
    answer.on('data', idle.touch);
    response.writeHead(status, headersFromApi(answer.headers));
    await pipeline(answer, response);
    egress.log.debug(
      {
        session: sessionId,
        status,
        bytes: call.body.length,
        ms: Math.round(egress.clock.monotonic() - started),
      },
      'model call',
    );
  } catch (error) {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    egress.log.warn(
      { session: sessionId, code: codeOf(error), reason: reasonOf(error) },
      'model API not reached',
    );
    if (error instanceof CredentialError) throw withCure(error);
    throw new Refusal(502, 'egress-upstream', 'The model API could not be reached.', { audited: false });
  } finally {
    idle.stop();
    response.off('close', left);
  }
}

/** A 403 may be about one model or feature, so it says nothing of the key; neither does an outage. */
function noteKey({ credentials }: Egress, { config }: EgressSession, status: number) {
  if (status === 401) return credentials.onRefused(true, config.agent);
  if (status < 500 && status !== 403) credentials.onRefused(false, config.agent);
  return undefined;
}

/** What the agent's runner may tell in the chat: both halves of the error, which holds no secret. */
const withCure = (error: CredentialError) =>
  credentialRefusal(
    new CredentialError(error.code, `${error.message} ${error.fix}`, error.fix, { cause: error }),
  );
