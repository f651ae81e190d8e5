import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { reasonOf } from '../../errors.js';
import { createIdleTimer } from './idle.js';
import { checkedAddresses, checkName, parseAuthority } from './policy.js';
import { Refusal } from './refusal.js';
import type { Egress, EgressSession } from './session.js';

const HOUR_MS = 3_600_000;

/** Opens a tunnel if the policy allows it and resolves when it has ended. Throws a Refusal before anything is sent. */
export async function connectRoute(
  egress: Egress,
  session: EgressSession,
  request: { authority: string; socket: Duplex; head: Buffer },
): Promise<void> {
  const destination = parseAuthority(request.authority);
  const policy = session.config.egress;
  checkName(policy, destination);
  if (session.tunnels >= egress.limits.tunnels) throw busy('Too many tunnels at once.');
  if (tunnelBytesLeft(egress, session) <= 0) throw busy("This hour's traffic is used up.");
  session.tunnels += 1;
  try {
    const addresses = await checkedAddresses(policy, destination.host, egress.network);
    const far = await connectFirst(egress, addresses, destination.port);
    if (request.socket.destroyed) far.destroy();
    else await tunnel(egress, session, request, far);
  } finally {
    session.tunnels -= 1;
  }
}

const busy = (message: string) => new Refusal(429, 'egress-busy', message, { audited: false });

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

function tunnel(
  egress: Egress,
  session: EgressSession,
  { socket: near, head }: { socket: Duplex; head: Buffer },
  far: Socket,
): Promise<void> {
  return new Promise((resolve) => {
    const cut = () => {
      near.destroy();
      far.destroy();
    };
    const idle = createIdleTimer(egress.clock, egress.limits.tunnelIdle, cut);
    let open = 2;
    const pass = (from: Duplex, to: Duplex) => {
      from.on('data', (chunk: Buffer) => {
        idle.touch();
        session.tunnelBytes.used += chunk.length;
        if (tunnelBytesLeft(egress, session) < 0) cut();
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
    near.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    far.write(head);
  });
}

function tunnelBytesLeft(egress: Egress, { tunnelBytes }: EgressSession): number {
  const now = egress.clock.monotonic();
  if (now - tunnelBytes.windowStart >= HOUR_MS) {
    tunnelBytes.windowStart = now;
    tunnelBytes.used = 0;
  }
  return egress.limits.tunnelBytesPerHour - tunnelBytes.used;
}
