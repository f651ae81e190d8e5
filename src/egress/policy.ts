import { isIP, isIPv6 } from 'node:net';
import { reasonOf } from '../errors.js';
import { canonicalV6, insideOf, isListableAddress, isPublicAddress } from './address.js';
import type { Network } from './network.js';
import { Refusal } from './refusal.js';
import { isTooWide } from './suffixes.js';

export type EgressPolicy = 'model' | 'web' | readonly string[];

export interface Destination {
  /** Lower case, without a dot at the end; an address in its one spelling. */
  host: string;
  port: number;
}

/** Reads the target of a CONNECT. Throws a Refusal for anything but `name:port`, `1.2.3.4:port`, `[v6]:port`. */
export function parseAuthority(authority: string): Destination {
  const match = /^(?:\[([0-9a-fA-F:.]{2,45})\]|([A-Za-z0-9._-]{1,253})):(\d{1,5})$/.exec(authority);
  const [, v6, name, port] = match ?? [];
  const raw = v6 === undefined ? name : isIPv6(v6) ? `[${v6}]` : undefined;
  // The URL parser turns every spelling of an IPv4 address (0x7f.1, 2130706433) into the plain one.
  const url = raw !== undefined && URL.canParse(`http://${raw}`) ? new URL(`http://${raw}`) : undefined;
  const host = url?.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  // `example.com..`: a name that one reader takes for another.
  const isOdd = host === undefined || host === '' || /^\.|\.\.|\.$/.test(host);
  if (isOdd || Number(port) < 1 || Number(port) > 65535) {
    throw new Refusal(400, 'egress-authority', 'CONNECT needs name:port.');
  }
  return { host, port: Number(port) };
}

/**
 * Decides on the name, before anything is forwarded. `web`: port 443 of any name. A list: `example.com` that name,
 * `*.example.com` every name below it (never `*.com`, below which anybody can register one), each on 443 or on the port that the entry ends with (`example.com:8443`); an
 * IP address must be listed as such.
 */
export function checkName(policy: EgressPolicy, { host, port }: Destination): void {
  if (policy === 'model') {
    throw new Refusal(
      403,
      'egress-policy-model',
      'This agent group may reach the model API and nothing else.',
    );
  }
  if (policy === 'web') {
    if (port !== 443) throw new Refusal(403, 'egress-port', 'Only port 443 may be reached.');
    return;
  }
  const matching = policy.filter((entry) => matches(entry, { host, port }));
  const [wide] = matching;
  if (wide === undefined) {
    throw new Refusal(403, 'egress-not-listed', `${host}:${port} is not on this agent group's list.`);
  }
  // It may have been stored before such entries were refused.
  if (matching.every(isTooWide)) {
    const message = `${wide} on this agent group's list is no limit: anybody can register a name below it.`;
    throw new Refusal(403, 'egress-list-too-wide', message);
  }
}

/** Whether a tunnel that stands may go on under a policy that may be another one since. */
export function isStillAllowed(policy: EgressPolicy, destination: Destination): boolean {
  try {
    checkName(policy, destination);
  } catch {
    return false;
  }
  // An address of a list may be a private one.
  return isIP(destination.host) === 0 || Array.isArray(policy);
}

function matches(entry: string, { host, port }: Destination): boolean {
  const [, v6, name = '', listedPort = '443'] =
    /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(entry.trim().toLowerCase()) ?? [];
  if (Number(listedPort) !== port) return false;
  if (v6 !== undefined) return isIPv6(v6) && canonicalV6(v6) === host;
  const listed = name.replace(/\.$/, '');
  if (listed.startsWith('*.')) return isIP(host) === 0 && listed.length > 2 && host.endsWith(listed.slice(1));
  return listed === host;
}

/**
 * The addresses to connect to, all checked: what a name resolves to must be public altogether, so that no second
 * look-up and no mixed answer leads inside. An address that the operator listed may be a private one.
 */
export async function checkedAddresses(
  policy: EgressPolicy,
  host: string,
  network: Network,
): Promise<string[]> {
  if (isIP(host) !== 0 && Array.isArray(policy)) {
    if (!isListableAddress(host)) throw notPublic(host);
    return [host];
  }
  const addresses = isIP(host) !== 0 ? [host] : await resolve(host, network);
  const inside = insideOf(network.ownSubnets());
  if (!addresses.every((address) => isPublicAddress(address, inside))) throw notPublic(host);
  return addresses;
}

async function resolve(host: string, network: Network): Promise<string[]> {
  const found = await network.resolve(host).catch((error: unknown) => {
    throw new Refusal(502, 'egress-name', `${host} cannot be resolved: ${reasonOf(error)}`, {
      audited: false,
    });
  });
  if (found.length > 0) return found;
  throw new Refusal(502, 'egress-name', `${host} has no address.`, { audited: false });
}

const notPublic = (host: string) =>
  new Refusal(403, 'egress-address', `${host} is not a public host, so it may not be reached.`);
