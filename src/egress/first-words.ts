import { once } from 'node:events';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { readClientHello } from './client-hello.js';
import type { Destination } from './policy.js';
import { Refusal } from './refusal.js';
import type { Egress } from './session.js';

/**
 * What a client says first, up to a whole hello; less where the other side speaks first and no TLS is asked for. Null: it
 * said nothing in time, or left.
 */
export async function firstWords(
  egress: Egress,
  { near, head, port }: { near: Duplex; head: Buffer; port: number },
  far: Duplex,
): Promise<Buffer | null> {
  let bytes = head;
  const timer = egress.clock.after(egress.limits.helloTimeout, () => near.destroy());
  try {
    while (readClientHello(bytes).kind === 'more') {
      const chunk: unknown = near.read();
      if (Buffer.isBuffer(chunk)) bytes = Buffer.concat([bytes, chunk]);
      else if (near.destroyed || near.readableEnded) return null;
      else if (port !== 443 && bytes.length === 0 && far.readableLength > 0) return bytes;
      else await somethingOf(near, port === 443 ? [] : [far]);
    }
    return bytes;
  } catch {
    return null;
  } finally {
    timer.cancel();
  }
}

/** Resolves when there is something to read of one, or the first has ended. */
async function somethingOf(near: Duplex, others: readonly Duplex[]): Promise<void> {
  const found = new AbortController();
  const { signal } = found;
  const happens = ['readable', 'end', 'close'].map((event) => once(near, event, { signal }));
  try {
    await Promise.race([...happens, ...others.map((one) => once(one, 'readable', { signal }))]);
  } finally {
    found.abort();
  }
}

/**
 * The name in a TLS handshake has to be the one that was allowed: at an address that many share, it decides whose door opens.
 * Port 443 speaks TLS. On a port that the operator listed, other protocols may be meant; where it is TLS the same holds.
 */
export function checkHello(bytes: Buffer, { host, port }: Destination): void {
  const hello = readClientHello(bytes);
  // Where the other side speaks first nothing has been said yet.
  if (port !== 443 && (hello.kind === 'not-tls' || bytes.length === 0)) return;
  if (hello.kind === 'not-tls') {
    throw unspoken('egress-not-tls', 'Only TLS may be spoken on port 443.');
  }
  if (hello.kind !== 'hello')
    throw unspoken('egress-tls-odd', 'The TLS handshake is not one that clients begin with.');
  if (hello.hidden) {
    throw unspoken(
      'egress-tls-hidden',
      'Encrypted Client Hello is not let through: it hides which host is asked for.',
    );
  }
  const name = hello.serverName?.toLowerCase().replace(/\.$/, '') ?? null;
  const isSame = isIP(host) === 0 ? name === host : name === null || name === host;
  if (isSame) return;
  const said = name === null ? 'names no host' : `is for ${JSON.stringify(name.slice(0, 100))}`;
  throw unspoken('egress-tls-name', `The TLS handshake ${said}, the tunnel for ${host}.`);
}

const unspoken = (reason: string, message: string) => new Refusal(403, reason, message, { answered: true });
