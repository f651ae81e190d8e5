import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SCRIPT = fileURLToPath(new URL('own-networks/gateway.ts', import.meta.url));

/** A namespace with one public network of each kind, all of whose addresses answer. */
const SET_UP = `ip link set lo up
ip addr add 93.184.216.34/24 dev lo
ip -6 addr add 2a01:4f8:1:2::1/64 dev lo nodad
ip -6 route add local 2a01:4f8:1:2::/64 dev lo
exec "$@"`;
const inside = (...command: string[]) =>
  spawnSync('unshare', ['-Urn', 'sh', '-ec', SET_UP, 'sh', ...command], { cwd: ROOT, encoding: 'utf8' });

const possible = process.platform === 'linux' && inside('true').status === 0;

it.skipIf(!possible)('the real gateway lets `web` reach nothing of its own machine or its neighbours', () => {
  const asked = [
    '93.184.216.34:443',
    '[::ffff:93.184.216.34]:443',
    '[0:0:0:0:0:FFFF:5db8:d822]:443',
    '[64:ff9b::93.184.216.34]:443',
    '93.184.216.99:443',
    '[::ffff:93.184.216.99]:443',
    '[2a01:4f8:1:2::1]:443',
    '[2a01:4f8:1:2::50]:443',
  ];
  const elsewhere = '[2a01:4f8:1:100::1]:443';
  const { stdout, stderr } = inside(
    ...[process.execPath, '--import', 'tsx', SCRIPT],
    JSON.stringify([...asked, elsewhere, '198.41.0.4:443']),
    JSON.stringify(['198.41.0.4/24']),
  );
  expect(stderr).toBe('');
  const refused = Object.fromEntries(asked.map((one) => [one, '403']));
  expect(JSON.parse(stdout)).toEqual({
    // Not refused: there is no way to them here.
    before: { ...refused, [elsewhere]: '502', '198.41.0.4:443': '502' },
    after: { ...refused, [elsewhere]: '502', '198.41.0.4:443': '403' },
  });
});
