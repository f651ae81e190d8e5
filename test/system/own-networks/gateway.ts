import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { systemNetwork } from '../../../src/egress/network.js';
import { createHarness, tunnel } from '../../unit/egress/harness.js';

/**
 * Runs in a network namespace of its own, where 443 of every local address answers. Asks the real gateway for each
 * `argv[2]` (a JSON list), then gives the machine the addresses of `argv[3]`, and asks again.
 */
const read = (at: number): string[] => JSON.parse(process.argv[at] ?? '[]');
const service = createServer((socket) => socket.end('LOGIN PAGE')).listen(443, '::');
await once(service, 'listening');
const { gateway, open } = createHarness({ network: systemNetwork });
const socketPath = await open({ egress: 'web' });

async function answers(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const authority of read(2)) {
    const { text, socket } = await tunnel(socketPath, authority);
    found[authority] = /^HTTP\/1\.1 \d+/.exec(text)?.[0].slice(9) ?? text;
    socket.destroy();
  }
  return found;
}

const before = await answers();
for (const address of read(3)) execFileSync('ip', ['addr', 'add', address, 'dev', 'lo']);
process.stdout.write(JSON.stringify({ before, after: await answers() }));
await gateway.stop();
service.close();
