import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { JsonError, JsonScanner, type JsonVisitor } from './json-scanner.js';
import { Refusal } from './refusal.js';

/** Counts the bytes of bodies that one session has in memory. */
export interface BodyBudget {
  held: number;
  readonly max: number;
}

/**
 * Receives a request's body whole, at most `max` bytes, checking it as it comes; throws a Refusal. The budget is
 * charged as bytes arrive and is the caller's to give back (`budget.held -= body.length`), unless this throws.
 */
export async function readBody(
  request: IncomingMessage,
  options: { max: number; budget: BodyBudget; rules: JsonVisitor },
): Promise<Buffer> {
  const { max, budget } = options;
  const scanner = new JsonScanner(options.rules);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    if (Number(request.headers['content-length'] ?? 0) > max) throw tooLarge(max);
    // Destroying the request would take the connection away before the refusal is said.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      if (!Buffer.isBuffer(chunk)) continue;
      size += chunk.length;
      budget.held += chunk.length;
      if (size > max) throw tooLarge(max);
      if (budget.held > budget.max) {
        throw new Refusal(429, 'egress-busy', 'Too many large requests at once.', { audited: false });
      }
      scanner.write(chunk);
      chunks.push(chunk);
    }
    scanner.end();
    const body = Buffer.concat(chunks, size);
    if (!isUtf8(body)) throw new JsonError('The body is not UTF-8.');
    return body;
  } catch (error) {
    budget.held -= size;
    if (error instanceof JsonError) throw new Refusal(400, 'egress-body', error.message);
    throw error;
  }
}

const tooLarge = (max: number) =>
  new Refusal(413, 'egress-body-too-large', `The request is longer than ${max} bytes.`, { audited: false });
