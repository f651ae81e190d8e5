import { lookup } from 'node:dns/promises';
import net, { type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';

/** The host's way to the outside; tests put their own in its place. */
export interface Network {
  /** Every address of a name, in the order in which they are to be tried. */
  resolve(name: string): Promise<string[]>;
  /** Begins to connect to an address, never to a name. */
  connect(address: string, port: number): Socket;
  /** This machine's own addresses: what listens here is not public, whatever the address says. */
  ownAddresses(): string[];
}

export const systemNetwork: Network = {
  async resolve(name) {
    const found = await lookup(name, { all: true });
    // IPv4 first: a half-configured IPv6 would cost a time-out each time.
    return found.toSorted((a, b) => a.family - b.family).map(({ address }) => address);
  },
  connect: (address, port) => net.connect({ host: address, port, noDelay: true }),
  ownAddresses: () =>
    Object.values(networkInterfaces()).flatMap((addresses) =>
      (addresses ?? []).map(({ address }) => address),
    ),
};
