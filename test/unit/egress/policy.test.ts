import { describe, expect, it } from 'vitest';
import { insideOf, isListableAddress, isPublicAddress } from '../../../src/egress/address.js';
import type { Network } from '../../../src/egress/network.js';
import { checkedAddresses, checkName, parseAuthority } from '../../../src/egress/policy.js';

const reason = (act: () => unknown): unknown => {
  try {
    act();
    return null;
  } catch (error) {
    return error instanceof Error && 'reason' in error ? error.reason : error;
  }
};

describe('the target of a CONNECT', () => {
  it.each([
    ['Example.COM:443', 'example.com', 443],
    ['example.com.:443', 'example.com', 443],
    ['93.184.216.34:8443', '93.184.216.34', 8443],
    ['[2606:2800:220:1::1]:443', '2606:2800:220:1::1', 443],
    ['2130706433:443', '127.0.0.1', 443],
    ['0x7f.1:80', '127.0.0.1', 80],
    ['[::FFFF:127.0.0.1]:443', '::ffff:7f00:1', 443],
  ])('%s is read in its one spelling', (text, host, port) =>
    expect(parseAuthority(text)).toEqual({ host, port }),
  );

  it.each([
    'example.com',
    'example.com:0',
    'example.com:65536',
    ':443',
    'a b:443',
    'user@example.com:443',
    'example.com:443/x',
    '[::1%25eth0]:443',
    '[zz]:443',
    'a..b\n:443',
    `${'a'.repeat(300)}:443`,
    '256.1.1.1:443',
    '.:443',
    'api.anthropic.com..:443',
    '.example.com:443',
  ])('%j is refused', (text) => expect(reason(() => parseAuthority(text))).toBe('egress-authority'));
});

describe('the decision on the name', () => {
  const decide = (policy: 'model' | 'web' | string[], authority: string) =>
    reason(() => checkName(policy, parseAuthority(authority)));

  it.each([
    ['model', 'api.anthropic.com:443', 'egress-policy-model'],
    ['web', 'example.com:443', null],
    ['web', 'example.com:22', 'egress-port'],
    [['example.com'], 'EXAMPLE.com:443', null],
    [['Example.com.'], 'example.com:443', null],
    [['example.com'], 'www.example.com:443', 'egress-not-listed'],
    [['example.com'], 'example.com.evil.net:443', 'egress-not-listed'],
    [['example.com'], 'notexample.com:443', 'egress-not-listed'],
    [['example.com'], 'example.com:22', 'egress-not-listed'],
    [['example.com:8443'], 'example.com:8443', null],
    [['example.com:8443'], 'example.com:443', 'egress-not-listed'],
    [['*.example.com'], 'a.b.example.com:443', null],
    [['*.example.com'], 'example.com:443', 'egress-not-listed'],
    [['*.'], 'example.com:443', 'egress-not-listed'],
    [['*'], 'example.com:443', 'egress-not-listed'],
    [[''], 'example.com:443', 'egress-not-listed'],
    [['*.0.0.1'], '127.0.0.1:443', 'egress-not-listed'],
    [['10.1.2.3:8123'], '10.1.2.3:8123', null],
    [['[fd12::1]:443'], '[fd12:0::1]:443', null],
    [[], 'example.com:443', 'egress-not-listed'],
    [['*.com'], 'exfil.com:443', 'egress-list-too-wide'],
    [['*.com', 'exfil.com'], 'exfil.com:443', null],
    [['*.com', '*.example.com'], 'a.example.com:443', null],
    [['*.com'], 'example.org:443', 'egress-not-listed'],
    [['*.co.uk:8443'], 'exfil.co.uk:8443', 'egress-list-too-wide'],
  ])('%j and %s: %s', (policy, authority, expected) => {
    expect(decide(Array.isArray(policy) ? policy : policy === 'web' ? 'web' : 'model', authority)).toBe(
      expected,
    );
  });
});

describe('addresses', () => {
  it.each(['93.184.216.34', '1.1.1.1', '2606:2800:220:1::1', '::ffff:1.1.1.1', '64:ff9b::1.1.1.1'])(
    '%s is public',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );

  it.each([
    '0.0.0.0',
    '10.0.0.1',
    '100.64.1.1',
    '100.100.100.200',
    '127.0.0.1',
    '127.9.9.9',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '::ffff:10.0.0.1',
    '64:ff9b::10.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '2002:a00:1::',
    '::127.0.0.1',
    'example.com',
    '',
  ])('%s is not', (address) => expect(isPublicAddress(address)).toBe(false));

  const OWN = ['127.0.0.1/8', '::1/128', 'fe80::1/64', '93.184.216.34/24', '2a01:4f8:1:2::1/64'];

  it.each(['1.1.1.1', '93.184.217.1', '::ffff:1.1.1.1', '64:ff9b::1.1.1.1', '2a01:4f8:1:100::1', '2606::1'])(
    '%s is public beside our own networks',
    (address) => expect(isPublicAddress(address, insideOf(OWN))).toBe(true),
  );

  it.each([
    ['our own address', '93.184.216.34'],
    ['the neighbour', '93.184.216.99'],
    ['mapped', '::ffff:93.184.216.34'],
    ['mapped, in words', '::ffff:5db8:d822'],
    ['mapped, written out', '0:0:0:0:0:ffff:5db8:d822'],
    ['translated', '::ffff:0:93.184.216.34'],
    ['compatible', '::93.184.216.34'],
    ['NAT64', '64:ff9b::93.184.216.34'],
    ['NAT64 in words, upper case', '64:FF9B::5DB8:D822'],
    ['NAT64 of local use', '64:ff9b:1::93.184.216.34'],
    ['6to4', '2002:5db8:d822::1'],
    ['Teredo, the client', '2001:0:101:101:0:0:a247:27dd'],
    ['Teredo, the server', '2001:0:5db8:d822::1'],
    ['ISATAP', '2606:1:2:3:0:5efe:93.184.216.34'],
    ['ISATAP with the universal bit', '2606:1:2:3:200:5efe:93.184.216.34'],
    ['ISATAP of a private address', '2606:1:2:3:0:5efe:10.0.0.1'],
    ['IPv6', '2a01:4f8:1:2::1'],
    ['IPv6 written out', '2a01:04f8:0001:0002:0000:0000:0000:0001'],
    ['the IPv6 neighbour', '2a01:4f8:1:2::50'],
    ['the IPv6 subnet next door, behind the same router', '2a01:4f8:1:ff::50'],
  ])('%s is ours: %s', (_, address) => expect(isPublicAddress(address, insideOf(OWN))).toBe(false));

  it('takes an address without a subnet, or with a zone, for what it is', () => {
    const inside = insideOf(['93.184.216.34', '2a01:4f8:1:2::1', 'fe80::1%eth0/64', 'nonsense']);
    expect(isPublicAddress('93.184.216.34', inside)).toBe(false);
    expect(isPublicAddress('93.184.216.35', inside)).toBe(true);
    expect(isPublicAddress('2a01:4f8:1:2::50', inside)).toBe(false);
  });

  it.each([
    '::169.254.169.254',
    '64:ff9b:1::a9fe:a9fe',
    '2002:a9fe:a9fe::1',
    '2606:1:2:3:0:5efe:169.254.169.254',
    '::ffff:0:169.254.169.254',
  ])('%s is no way to a metadata service, listed or not', (address) =>
    expect(isListableAddress(address)).toBe(false),
  );

  it('takes a listed private address, but no metadata service', () => {
    expect(['10.0.0.1', '127.0.0.1', 'fd12::1'].map(isListableAddress)).toEqual([true, true, true]);
    expect(
      ['169.254.169.254', '::ffff:169.254.169.254', 'fe80::1', '0.0.0.0', 'fd00:ec2::254'].some(
        isListableAddress,
      ),
    ).toBe(false);
  });
});

describe('what is connected to', () => {
  const network = (...addresses: string[]): Network => ({
    resolve: async () => addresses,
    connect: () => {
      throw new Error('not here');
    },
    ownSubnets: () => ['93.184.216.99/24'],
  });
  const outcome = (...args: Parameters<typeof checkedAddresses>) =>
    checkedAddresses(...args).catch((error: unknown) =>
      reason(() => {
        throw error;
      }),
    );

  it('is what was checked: the public addresses of the name', async () => {
    expect(await outcome('web', 'example.com', network('1.1.1.1', '2606::1'))).toEqual([
      '1.1.1.1',
      '2606::1',
    ]);
    expect(await outcome(['example.com'], 'example.com', network('1.1.1.1'))).toEqual(['1.1.1.1']);
  });

  it('is nothing when one address of the name is inside, ours, or missing', async () => {
    expect(await outcome('web', 'rebind.example', network('1.1.1.1', '127.0.0.1'))).toBe('egress-address');
    expect(await outcome(['nas.local'], 'nas.local', network('192.168.1.5'))).toBe('egress-address');
    expect(await outcome('web', 'me.example', network('93.184.216.99'))).toBe('egress-address');
    expect(await outcome('web', 'me.example', network('::ffff:93.184.216.99'))).toBe('egress-address');
    expect(await outcome(['next.example'], 'next.example', network('93.184.216.1'))).toBe('egress-address');
    expect(await outcome('web', '127.0.0.1', network())).toBe('egress-address');
    expect(await outcome('web', '10.0.0.1', network())).toBe('egress-address');
    expect(await outcome('web', 'nowhere.example', network())).toBe('egress-name');
  });

  it('is a private address only where it is listed as such', async () => {
    expect(await outcome(['10.0.0.1'], '10.0.0.1', network())).toEqual(['10.0.0.1']);
    expect(await outcome(['169.254.169.254'], '169.254.169.254', network())).toBe('egress-address');
  });
});
