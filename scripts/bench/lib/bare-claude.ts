import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AGENT_USER, bareOptions, floorDir } from './bare.js';
import { attachBells } from './bells.js';
import type { BenchDocker } from './docker.js';

/** The Agent SDK alone in a container like an agent's, with a socket to the model and nothing of ours. */
export async function createBareClaude({ calls }: BenchDocker, apiPort: number) {
  const folder = mkdtempSync(path.join(tmpdir(), 'wb-sdk-'));
  chmodSync(folder, 0o755);
  const run = path.join(folder, 'run');
  mkdirSync(run);
  const socket = path.join(run, 'egress.sock');
  const server = createServer((from) => {
    const to = connect(apiPort, '127.0.0.1');
    from.pipe(to).pipe(from);
    from.on('error', () => to.destroy());
    to.on('error', () => from.destroy());
  }).listen(socket);
  await once(server, 'listening');
  chmodSync(socket, 0o777);
  let starts = 0;

  return {
    /** Creates and starts one; its first answer is on its way already. */
    async start() {
      starts += 1;
      const [home, agent] = ['home', 'agent'].map((name) => path.join(folder, `${name}-${starts}`));
      for (const place of [home, agent]) {
        mkdirSync(place ?? '');
        if (process.getuid?.() === 0) chownSync(place ?? '', AGENT_USER.uid, AGENT_USER.gid);
      }
      const mount = (source: string, target: string, readOnly = false) => ({ source, target, readOnly });
      const container = await calls.createContainer(
        bareOptions(
          ['node', '/app/floor/sdk.mjs'],
          [
            mount(floorDir, '/app/floor', true),
            mount(run, '/run/wharfie', true),
            mount(home ?? '', '/home/node'),
            mount(agent ?? '', '/workspace/agent'),
          ],
          {
            ANTHROPIC_UNIX_SOCKET: '/run/wharfie/egress.sock',
            ANTHROPIC_BASE_URL: 'http://localhost',
            ANTHROPIC_API_KEY: 'placeholder',
            CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
            IS_SANDBOX: '1',
          },
        ),
      );
      const { stream, ring, rung } = await attachBells(container);
      await container.start();
      return {
        /** Says something; resolves with the answer's end. */
        async ask() {
          const answered = rung();
          ring();
          await answered;
        },
        async end() {
          stream.destroy();
          await container.remove({ force: true });
        },
      };
    },
    async close() {
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
