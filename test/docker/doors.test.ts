import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { gatherDoors, judgeDoors } from '../../setup/verify/doors.js';
import { systemClock } from '../../src/clock.js';
import { specFor } from '../engine-conformance/harness.js';
import { createDockerWorld } from './world.js';

it('is asked from inside of each container, and one that hears nobody is not taken over', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wharfie-doors-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [first, second] = [join(folder, 'first'), join(folder, 'second')];
  for (const door of [folder, first, second]) {
    mkdirSync(door, { recursive: true });
    chmodSync(door, 0o755);
  }
  const server = createServer((socket) => socket.end());
  server.listen(join(first, 'egress.sock'));
  await once(server, 'listening');
  chmodSync(join(first, 'egress.sock'), 0o777);

  const world = createDockerWorld();
  onTestFinished(() => world.dispose());
  const engine = world.engine();
  const specWith = (door: string, incarnation: number) =>
    specFor(world, 'stubborn', {
      ...{ name: `wharfie-doors-${world.installationId}`, sessionId: 'ses_doors', incarnation },
      mounts: [{ source: door, target: '/run/wharfie', readOnly: true }],
    });
  const { name } = specWith(first, 1);
  const doors = () => gatherDoors(world.docker, world.installationId, systemClock);
  const handle = await engine.start(specWith(first, 1));
  expect(await doors()).toMatchObject([{ name: name, open: true }]);
  expect(judgeDoors(await doors())).toEqual([]);

  // Another host of the same installation: with the same door it takes the container over, with another one it does not.
  const next = world.engine();
  expect((await next.adopt(name))?.door).toBe(first);
  expect((await next.start(specWith(first, 2))).incarnation).toBe(1);
  const third = await next.start(specWith(second, 3));
  expect(third.incarnation).toBe(3);
  await handle.exited;

  const [finding] = judgeDoors(await doors());
  expect(finding?.id).toBe('container-deaf');
  await finding?.repair?.();
  await third.exited;
  expect(await doors()).toEqual([]);
  server.close();
});
