import { chown, mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseIdentity } from '../../src/engine/docker/user.js';
import { probe } from './probe.js';
import { createDockerWorld } from './world.js';

describe('the user of a container', () => {
  let world: ReturnType<typeof createDockerWorld>;
  let folder = '';
  beforeEach(async () => {
    world = createDockerWorld();
    folder = await mkdtemp(join(tmpdir(), 'wharfie-user-'));
  });
  afterEach(async () => {
    await world.dispose();
    await rm(folder, { recursive: true });
  });

  it.each([0, 1000, 12345])(
    'of host user %i has a home that it can write, and its files are ours',
    async (id) => {
      const host = { uid: id, gid: id };
      const identity = chooseIdentity(host, { securityOptions: [], rootDir: '/var/lib/docker' });
      const owner = identity?.owner ?? host;
      const home = join(folder, 'home');
      await mkdir(home);
      await chown(home, owner.uid, owner.gid);
      const { value } = await probe(
        world,
        world.engine(),
        `fs.writeFileSync(process.env.HOME + '/note', 'x'); return [process.getuid(), process.env.HOME];`,
        { user: identity?.user ?? null, mounts: [{ source: home, target: '/home/node', readOnly: false }] },
      );
      expect(value).toEqual([owner.uid, '/home/node']);
      expect(await stat(join(home, 'note'))).toMatchObject({ uid: owner.uid, gid: owner.gid });
    },
  );

  it('is chosen by the engine where the spec does not name one', async () => {
    const engine = world.engine();
    const { user } = await engine.identity();
    const { value } = await probe(
      { ...world, spec: (spec) => ({ ...world.spec(spec), user: null }) },
      engine,
      'return [process.getuid(), process.getgid()];',
    );
    expect(value).toEqual([user.uid, user.gid]);
  });
});
