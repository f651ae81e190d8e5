import { lookup } from 'node:dns/promises';
import net, { type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';

/** The host's way to the outside; tests put their own in its place. */
export interface Network {
  /** Every address of a name, in the order in which they are to be tried. */
  resolve(name: string): Promise<string[]>;
  /** Begins to connect to an address, never to a name. */
  connect(address: string, port: number): Socket;
  /**
   * The networks that this machine stands in, as `address/bits`: what listens here or next door is not public, whatever
   * its address says. Asked for each destination, because interfaces come and go.
   */
  ownSubnets(): string[];
}

export const systemNetwork: Network = {
  async resolve(name) {
    const found = await lookup(name, { all: true });
    // IPv4 first: a half-configured IPv6 would cost a time-out each time.
    return found.toSorted((a, b) => a.family - b.family).map(({ address }) => address);
  },
  connect: (address, port) => net.connect({ host: address, port, noDelay: true }),
  ownSubnets: () =>
    Object.values(networkInterfaces()).flatMap((addresses) =>
      (addresses ?? []).map(({ address, cidr }) => cidr ?? address),
    ),
};
