import { once } from 'node:events';
import { isIPv6, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { reasonOf } from '../errors.js';
import { checkHello, firstWords } from './first-words.js';
import { createIdleTimer } from './idle.js';
import { checkedAddresses, checkName, type Destination, parseAuthority } from './policy.js';
import { connectThrough } from './proxy.js';
import { credentialRefusal, Refusal } from './refusal.js';
import type { Egress, EgressSession } from './session.js';

/**
 * Opens a tunnel if the policy allows it and resolves when it has ended. Throws a Refusal before anything is sent to the
 * other side; one about the handshake has been answered already (`answered`).
 */
export async function connectRoute(
  egress: Egress,
  session: EgressSession,
  request: { authority: string; socket: Duplex; head: Buffer },
): Promise<void> {
  const destination = parseAuthority(request.authority);
  const policy = session.config.egress;
  checkName(policy, destination);
  if (session.tunnels >= egress.limits.tunnels) throw busy('Too many tunnels at once.');
  if (session.tunnelBytes.left() <= 0) throw busy("This hour's traffic is used up.");
  session.tunnels += 1;
  try {
    const addresses = await checkedAddresses(policy, destination.host, egress.network);
    const far =
      (await connectAsAgent(egress, session, destination)) ??
      (await connectFirst(egress, addresses, destination.port));
    if (request.socket.destroyed) far.destroy();
    else await tunnel(egress, session, { ...request, destination }, far);
  } finally {
    session.tunnels -= 1;
  }
}

const busy = (message: string) => new Refusal(429, 'egress-busy', message, { audited: false });

/**
 * Through OneCLI where there is one, by name: it puts credentials on by name. Null: there is none. The model's own host
 * is left to the model route, which looks at what is asked.
 */
async function connectAsAgent(
  { credentials, clock, limits }: Egress,
  { config: { agent } }: EgressSession,
  { host, port }: Destination,
): Promise<Duplex | null> {
  try {
    const route = await credentials.proxyFor(agent);
    if (!route) return null;
    const { baseUrl } = await credentials.modelUpstream(agent);
    if (host === baseUrl.hostname) {
      const message = `${host} is reached by plain requests for the model, not by a tunnel.`;
      throw new Refusal(403, 'egress-model-host', message);
    }
    const name = isIPv6(host) ? `[${host}]` : host;
    return await connectThrough(route, `${name}:${port}`, { clock, timeoutMs: limits.connectTimeout });
  } catch (error) {
    throw credentialRefusal(error);
  }
}

async function connectFirst(egress: Egress, addresses: readonly string[], port: number): Promise<Socket> {
  let reason = '';
  for (const address of addresses) {
    const socket = egress.network.connect(address, port);
    const timer = egress.clock.after(egress.limits.connectTimeout, () =>
      socket.destroy(new Error('timed out')),
    );
    try {
      await once(socket, 'connect');
      return socket;
    } catch (error) {
      reason = reasonOf(error);
    } finally {
      timer.cancel();
    }
  }
  throw new Refusal(502, 'egress-connect', `No connection: ${reason}`, { audited: false });
}

/** A fatal alert, `access_denied` (RFC 8446, section 6): a client names it, and a person finds the rest in the audit. */
const ACCESS_DENIED = Buffer.from([0x15, 3, 3, 0, 2, 2, 49]);

async function tunnel(
  egress: Egress,
  session: EgressSession,
  { socket: near, head, destination }: { socket: Duplex; head: Buffer; destination: Destination },
  far: Duplex,
): Promise<void> {
  const cut = () => {
    near.destroy();
    far.destroy();
  };
  const open = { destination, cut };
  session.openTunnels.add(open);
  // Whoever leaves meanwhile takes the other side along.
  for (const socket of [near, far]) socket.on('error', cut).once('close', cut);
  try {
    near.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    const words = await firstWords(egress, { near, head, port: destination.port }, far);
    if (words === null || far.destroyed) return cut();
    try {
      checkHello(words, destination);
    } catch (error) {
      near.end(ACCESS_DENIED, () => near.destroy());
      far.destroy();
      throw error;
    }
    for (const socket of [near, far]) socket.off('error', cut).off('close', cut);
    await passOn(egress, session, { near, far, cut, words });
  } finally {
    session.openTunnels.delete(open);
  }
}

function passOn(
  egress: Egress,
  session: EgressSession,
  { near, far, cut, words }: { near: Duplex; far: Duplex; cut: () => void; words: Buffer },
): Promise<void> {
  return new Promise((resolve) => {
    const idle = createIdleTimer(egress.clock, egress.limits.tunnelIdle, cut);
    let open = 2;
    const pass = (from: Duplex, to: Duplex) => {
      from.on('data', (chunk: Buffer) => {
        idle.touch();
        session.tunnelBytes.add(chunk.length);
        if (session.tunnelBytes.left() < 0) cut();
      });
      from.on('error', cut);
      from.once('close', () => {
        // What one side said last still has to reach the other.
        if (from.readableEnded) to.end(() => to.destroy());
        else to.destroy();
        open -= 1;
        if (open > 0) return;
        idle.stop();
        resolve();
      });
      from.pipe(to);
    };
    pass(near, far);
    pass(far, near);
    session.tunnelBytes.add(words.length);
    far.write(words);
  });
}
