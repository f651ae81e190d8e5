import { once } from 'node:events';
import { isIPv6, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { reasonOf } from '../errors.js';
import { createHelloGate } from './hello-gate.js';
import { checkedAddresses, checkName, type Destination, isStillAllowed, parseAuthority } from './policy.js';
import { connectThrough } from './proxy.js';
import { credentialRefusal, Refusal } from './refusal.js';
import type { Egress, EgressSession } from './session.js';
import { carry } from './tunnel.js';

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
    if (request.socket.destroyed) {
      far.destroy();
      return;
    }
    // The policy may have changed meanwhile, when this tunnel was not among those that are ended.
    if (!isStillAllowed(session.config.egress, destination) && session.config.egress !== policy) {
      far.destroy();
      throw new Refusal(403, 'egress-tightened', `${destination.host} may not be reached any more.`);
    }
    const { socket: near, head } = request;
    const { ended, cut } = carry(egress, session, { near, head, far, gate: createHelloGate(destination) });
    const open = { destination, cut };
    session.openTunnels.add(open);
    await ended.finally(() => session.openTunnels.delete(open));
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
