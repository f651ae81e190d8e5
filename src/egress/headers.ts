import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { isKnownBeta } from './request-list.js';

/** What may pass of a container's request. A list of what is known, so that no credential header can be forgotten. */
const TO_API = new Set(['accept', 'accept-encoding', 'anthropic-version', 'user-agent', 'x-app']);
const TO_API_PREFIX = 'x-stainless-';
/** What may pass of the API's answer: nothing of the account behind the key. */
const FROM_API = new Set([
  'content-type',
  'content-encoding',
  'request-id',
  'retry-after',
  'retry-after-ms',
  'x-should-retry',
]);
const FROM_API_PREFIX = 'anthropic-ratelimit-';

/** Splits what a container's request asks for of the API's betas: names that may pass, and names that nobody knows. */
export function betasOf(inbound: IncomingHttpHeaders): { known: string[]; unknown: string[] } {
  const given = [inbound['anthropic-beta'] ?? []].flat().join(',').split(',');
  const names = given.map((name) => name.trim()).filter(Boolean);
  return { known: names.filter(isKnownBeta), unknown: names.filter((name) => !isKnownBeta(name)) };
}

/** The request's headers for the API: what may pass, and the credentials. Beta names of both sides are joined. */
export function headersToApi(
  inbound: IncomingHttpHeaders,
  credentials: Record<string, string>,
  bodyLength: number,
): OutgoingHttpHeaders {
  const headers = pick(inbound, (name) => TO_API.has(name) || name.startsWith(TO_API_PREFIX));
  const betas = [...betasOf(inbound).known, credentials['anthropic-beta']].filter(Boolean).join(',');
  if (betas) headers['anthropic-beta'] = betas;
  for (const [name, value] of Object.entries(credentials)) {
    if (name.toLowerCase() !== 'anthropic-beta') headers[name.toLowerCase()] = value;
  }
  return { ...headers, 'content-type': 'application/json', 'content-length': bodyLength };
}

export function headersFromApi(upstream: IncomingHttpHeaders): OutgoingHttpHeaders {
  return pick(upstream, (name) => FROM_API.has(name) || name.startsWith(FROM_API_PREFIX));
}

function pick(headers: IncomingHttpHeaders, passes: (name: string) => boolean): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value !== undefined && passes(name) ? [[name, value]] : [],
    ),
  );
}
