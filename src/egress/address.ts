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

/** Spellings of an IPv4 address that lead to the public as well as it does; every other one is refused as it stands. */
const SPELLS_PUBLIC_V4 = listOf(['::ffff:0:0/96', '64:ff9b::/96']);

const notPublic = listOf([...NOT_PUBLIC_V4, ...NOT_PUBLIC_V6]);
const routed = listOf(ROUTED_V6);
const never = listOf(NEVER);

/**
 * May `web` reach this address? Everything that is not plainly a public host is not; nor is a public one in `inside`, in
 * whatever spelling.
 */
export function isPublicAddress(address: string, inside?: BlockList): boolean {
  if (isIPv4(address)) return !notPublic.check(address, 'ipv4') && !inside?.check(address, 'ipv4');
  if (!isIPv6(address) || address.includes('%')) return false;
  const plain = canonicalV6(address);
  if (embeddedV4(plain).some((v4) => !isPublicAddress(v4, inside))) return false;
  if (SPELLS_PUBLIC_V4.check(plain, 'ipv6')) return true;
  if (!routed.check(plain, 'ipv6') || notPublic.check(plain, 'ipv6')) return false;
  return !inside?.check(plain, 'ipv6');
}

/** May an address that the operator listed as such be reached? */
export function isListableAddress(address: string): boolean {
  if (isIPv4(address)) return !never.check(address, 'ipv4');
  if (!isIPv6(address) || address.includes('%')) return false;
  const plain = canonicalV6(address);
  return embeddedV4(plain).every(isListableAddress) && !never.check(plain, 'ipv6');
}

/** The one spelling of an IPv6 address, without brackets. */
export const canonicalV6 = (address: string) => new URL(`http://[${address}]`).hostname.slice(1, -1);

/** How an IPv6 address can carry an IPv4 one: where its 32 bits begin, in words of 16. */
const EMBEDDINGS: readonly { within: BlockList; at: number; inverted?: true }[] = [
  // Mapped (RFC 4291) and translated (RFC 2765).
  { within: listOf(['::ffff:0:0/96', '::ffff:0:0:0/96']), at: 6 },
  // NAT64: the well-known prefix (RFC 6052), and the one for local use (RFC 8215).
  { within: listOf(['64:ff9b::/96', '64:ff9b:1::/48']), at: 6 },
  // 6to4 (RFC 3056); Teredo (RFC 4380), of the server and of the client, whose bits are inverted.
  { within: listOf(['2002::/16']), at: 1 },
  { within: listOf(['2001::/32']), at: 2 },
  { within: listOf(['2001::/32']), at: 6, inverted: true },
];
/** The first half of the interface's id by which ISATAP (RFC 5214) marks an IPv4 address, behind any prefix. */
const ISATAP = new Set(['0:5efe', '200:5efe']);

/** The IPv4 addresses that an IPv6 address in its one spelling may lead to. */
function embeddedV4(plain: string): string[] {
  const words = wordsOf(plain);
  const found = EMBEDDINGS.filter(({ within }) => within.check(plain, 'ipv6')).map(({ at, inverted }) =>
    dotted(words.slice(at, at + 2), inverted),
  );
  const last = dotted(words.slice(6));
  if (ISATAP.has(words.slice(4, 6).map(hex).join(':'))) found.push(last);
  // The oldest form (RFC 4291, "compatible"), but for `::` and `::1`, which are addresses of their own.
  if (words.slice(0, 6).every((word) => word === 0) && words[6] !== 0) found.push(last);
  return found;
}

const hex = (word: number) => word.toString(16);

/** The eight words of an IPv6 address in its one spelling. */
function wordsOf(plain: string): number[] {
  const [head = '', tail] = plain.split('::');
  const numbers = (part: string) =>
    part.split(':').flatMap((word) => (word ? [Number.parseInt(word, 16)] : []));
  const before = numbers(head);
  const after = numbers(tail ?? '');
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

const dotted = (words: readonly number[], inverted = false) =>
  words
    .map((word) => (inverted ? word ^ 0xffff : word))
    .flatMap((word) => [word >> 8, word & 255])
    .join('.');

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [net = '', bits = ''] = range.split('/');
    list.addSubnet(net, Number(bits), isIPv4(net) ? 'ipv4' : 'ipv6');
  }
  return list;
}

/**
 * A home or a server is given one IPv6 prefix, and all its devices have public addresses in it, behind a router that
 * keeps strangers out. It is often a /56 (RFC 6177), and an address given by DHCP does not tell (its own prefix is /128).
 */
const WIDEST_OWN_V6 = 56;

/** This machine's own networks as `isPublicAddress` takes them: the subnet of each of its addresses, CIDR notation. */
export function insideOf(subnets: readonly string[]): BlockList {
  return listOf(
    subnets.flatMap((subnet) => {
      const [address = '', bits = ''] = subnet.split('/');
      if (isIPv4(address)) return [`${address}/${bits || 32}`];
      const plain = address.replace(/%.*$/, '');
      if (!isIPv6(plain)) return [];
      const own = Number(bits || 128);
      return [`${plain}/${routed.check(plain, 'ipv6') ? Math.min(own, WIDEST_OWN_V6) : own}`];
    }),
  );
}
