import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { installedVersion } from '../../../setup/channel/package.js';
import { createCloneWorld, migration } from './world.js';

const MINUTES = 60_000;

/** A good version with a change of the database, so that the old code could not go on with what it leaves. */
const release = migration('CREATE TABLE of_the_next_release (id TEXT)');

describe('an update that fails after it was switched to', () => {
  it('is undone as a whole: code, database, conversations, service', { timeout: 5 * MINUTES }, async () => {
    const world = createCloneWorld();
    await world.step('service');
    await world.say('before');
    const before = world.code();
    world.publish({
      ...release,
      'setup/verify/machine.ts': (text) =>
        text.replace('const LEAST_NODE = [20, 19]', 'const LEAST_NODE = [999, 0]'),
    });
    const failed = await world.step('update', ['--offline']);
    expect(failed).toMatchObject({
      code: 1,
      fields: {
        ERROR: 'update-failed',
        RESULT: 'rolled-back',
        CAUSE: 'verify-worse',
        MESSAGE: expect.stringMatching(/as it was before: .*node-too-old/),
      },
    });
    expect(world.code()).toEqual(before);
    expect([
      existsSync(join(world.clone, '.update')),
      existsSync(join(world.clone, 'data/update.json')),
    ]).toEqual([false, false]);
    // The service that ran runs again, on a database that the old code knows.
    expect((await world.step('service', ['--dry-run'])).fields).toMatchObject({ INSTALLED: true });
    expect((await world.step('status')).fields).toMatchObject({ STATUS: 'success', HOST: 'running' });
    expect(await world.say('after')).toContain('You said: after');
  });

  it.each(['update:half-switched', 'update:migrated'])(
    'is undone by the next one when it was killed at %s',
    { timeout: 5 * MINUTES },
    async (point) => {
      const world = createCloneWorld();
      await world.step('service');
      await world.say('before');
      const before = world.code();
      world.publish(release);
      const killed = await world.step('update', ['--offline'], { WHARFIE_CRASH_AT: point });
      expect(killed).toMatchObject({ code: null, fields: {} });
      // Nothing new to be had: what is left to do is to go back.
      world.git('remote', 'remove', 'origin');
      expect((await world.step('update', ['--dry-run'])).fields).toMatchObject({ RESULT: 'would-roll-back' });
      const again = await world.step('update', ['--offline']);
      expect(again).toMatchObject({
        code: 0,
        fields: { RESULT: 'up-to-date', RECOVERED: expect.stringContaining('cut off'), SERVICE: 'wharfie' },
      });
      expect(world.code()).toEqual(before);
      expect(await world.say('after')).toContain('You said: after');
    },
  );

  it('has the packages of the new version, from npm itself, and the old ones back when it is undone', {
    timeout: 12 * MINUTES,
  }, async () => {
    const world = createCloneWorld({ ownPackages: true });
    await world.say('before');
    const before = world.code();
    world.npmInAuthor(
      'install',
      '--package-lock-only',
      '--ignore-scripts',
      '--save-exact',
      'is-number@7.0.0',
    );
    world.publish(release);
    const killed = await world.step('update', ['--offline'], { WHARFIE_CRASH_AT: 'update:migrated' });
    expect(killed.code).toBeNull();
    expect(installedVersion(world.clone, 'is-number')).toBe('7.0.0');
    world.git('remote', 'remove', 'origin');
    expect((await world.step('update', ['--offline'])).fields).toMatchObject({
      RECOVERED: expect.any(String),
    });
    expect([installedVersion(world.clone, 'is-number'), world.code()]).toEqual([null, before]);
    expect(await world.say('after')).toContain('You said: after');
  });

  it('goes through when it was killed at its last moment and is run again', {
    timeout: 5 * MINUTES,
  }, async () => {
    const world = createCloneWorld();
    await world.say('before');
    const to = world.publish(release);
    const crash = { WHARFIE_CRASH_AT: 'update:verified' };
    expect((await world.step('update', ['--offline'], crash)).code).toBeNull();
    const again = await world.step('update', ['--offline']);
    expect(again).toMatchObject({ code: 0, fields: { RESULT: 'updated', RECOVERED: expect.any(String) } });
    expect(world.code()).toEqual([to, '']);
    expect(await world.say('after')).toContain('You said: after');
  });
});
