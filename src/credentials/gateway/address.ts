import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** Special-purpose ranges (IANA registries), and the address at which Azure's hosts answer their machines. */
const NOT_PUBLIC_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
];
/** Inside the one range that is routed at all: Teredo and its kind, documentation, 6to4 (an IPv4 address in disguise). */
const NOT_PUBLIC_V6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];
const ROUTED_V6 = ['2000::/3'];
/** IPv6 spellings of IPv4 addresses: mapped, and translated by NAT64. */
const EMBEDDED_V4 = ['::ffff:0:0/96', '64:ff9b::/96'];
/** Nothing that anybody means to list: this network, link-local (metadata services), multicast. */
const NEVER = [
  '0.0.0.0/8',
  '169.254.0.0/16',
  '168.63.129.16/32',
  '224.0.0.0/3',
  '::/128',
  'fe80::/10',
  'ff00::/8',
  'fd00:ec2::/32',
];

const notPublic = listOf([...NOT_PUBLIC_V4, ...NOT_PUBLIC_V6]);
const routed = listOf(ROUTED_V6);
const embedded = listOf(EMBEDDED_V4);
const never = listOf(NEVER);

/** May `web` reach this address? Everything that is not plainly a public host is not. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !notPublic.check(address, 'ipv4');
  if (!isIPv6(address) || address.includes('%')) return false;
  if (embedded.check(address, 'ipv6')) return isPublicAddress(lastFourBytes(address));
  return routed.check(address, 'ipv6') && !notPublic.check(address, 'ipv6');
}

/** May an address that the operator listed as such be reached? */
export function isListableAddress(address: string): boolean {
  if (isIPv4(address)) return !never.check(address, 'ipv4');
  if (!isIPv6(address) || address.includes('%')) return false;
  if (embedded.check(address, 'ipv6')) return isListableAddress(lastFourBytes(address));
  return !never.check(address, 'ipv6');
}

/** The one spelling of an IPv6 address, without brackets. */
export const canonicalV6 = (address: string) => new URL(`http://[${address}]`).hostname.slice(1, -1);

function lastFourBytes(address: string): string {
  const words = canonicalV6(address).split(':').slice(-2);
  return words
    .map((word) => Number.parseInt(word || '0', 16))
    .flatMap((word) => [word >> 8, word & 255])
    .join('.');
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [net = '', bits = ''] = range.split('/');
    list.addSubnet(net, Number(bits), isIPv4(net) ? 'ipv4' : 'ipv6');
  }
  return list;
}
