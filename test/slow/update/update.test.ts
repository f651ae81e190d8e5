import { existsSync, lstatSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createCloneWorld, migration } from './world.js';

const BARREL = 'src/channels/index.ts';
const MINUTES = 60_000;
/** A line that only the new version has. */
const note = (text: string) => `${text}\n// The next release.\n`;

describe('update', () => {
  it('brings a running installation to the new version, with its channels as they were switched', {
    timeout: 5 * MINUTES,
  }, async () => {
    const world = createCloneWorld();
    expect((await world.step('channel', ['--disable', 'discord'])).fields.STATUS).toBe('success');
    expect((await world.step('service')).fields).toMatchObject({ STATUS: 'success', KIND: 'wrapper' });
    expect(await world.say('before')).toContain('You said: before');
    const from = world.git('rev-parse', 'HEAD');
    world.publish({ 'CHANGELOG.md': note });
    // The file that our own lines are in has changed too.
    const to = world.publish({ [BARREL]: note });

    const dry = await world.step('update', ['--dry-run']);
    expect(dry.fields).toMatchObject({
      STATUS: 'success',
      RESULT: 'would-update',
      FROM: from,
      TO: to,
      COMMITS: 2,
    });
    expect(world.git('rev-parse', 'HEAD')).toBe(from);

    const done = await world.step('update', ['--offline']);
    expect(done.fields).toMatchObject({
      STATUS: 'success',
      RESULT: 'updated',
      PULL: 'new',
      CHANNELS: 'none',
      SERVICE: 'wharfie',
      IMAGE: 'no-docker',
    });
    expect(world.read(BARREL)).toContain('// export { discord }');
    expect(world.read(BARREL)).toContain('The next release.');
    expect(world.code()).toEqual([to, `M ${BARREL}`]);
    expect(await world.say('after')).toContain('You said: after');
    expect(existsSync(join(world.clone, '.update'))).toBe(false);
    // Nobody's word is lost: the backup has the conversation of before.
    const { BACKUPS } = (await world.step('backup', ['--list'])).fields;
    expect(BACKUPS).toMatchObject([{ name: done.fields.BACKUP, reason: 'update', code: from }]);

    const again = await world.step('update', ['--offline']);
    expect(again).toMatchObject({
      code: 0,
      fields: { STATUS: 'skipped', RESULT: 'up-to-date', PULL: 'nothing-new' },
    });
  });

  it('refuses a checkout with changes of its own, and one whose commits are its own', {
    timeout: MINUTES,
  }, async () => {
    const world = createCloneWorld();
    world.publish({ 'CHANGELOG.md': note });
    writeFileSync(join(world.clone, 'README.md'), 'mine\n');
    expect(await world.step('update')).toMatchObject({
      code: 2,
      fields: {
        ERROR: 'checkout-dirty',
        MESSAGE: expect.stringContaining('README.md'),
        FIX: expect.stringContaining('git stash'),
      },
    });
    expect(world.read('README.md')).toBe('mine\n');
    world.git('commit', '--quiet', '--all', '-m', 'mine');
    expect(await world.step('update')).toMatchObject({ code: 2, fields: { ERROR: 'update-diverged' } });
    world.git('remote', 'set-url', 'origin', join(world.dir, 'gone.git'));
    expect(await world.step('update')).toMatchObject({ code: 2, fields: { ERROR: 'fetch-failed' } });
    world.git('remote', 'remove', 'origin');
    expect(await world.step('update')).toMatchObject({
      code: 0,
      fields: { STATUS: 'skipped', RESULT: 'up-to-date', PULL: 'no-remote' },
    });
  });

  it.each([
    [
      'a type error',
      { 'src/ids.ts': (text: string) => `${text}\nexport const wrong: number = 'text';\n` },
      'type-check-failed',
    ],
    [
      'a migration that fails on what is in the database here',
      migration('INSERT INTO agent_groups SELECT * FROM agent_groups'),
      'sqlite-constraint',
    ],
  ])('touches nothing where the new version has %s', { timeout: 3 * MINUTES }, async (_, changes, cause) => {
    const world = createCloneWorld();
    await world.say('before');
    const before = world.code();
    world.publish(changes);
    const failed = await world.step('update', ['--offline']);
    expect(failed).toMatchObject({
      code: 1,
      fields: { ERROR: 'update-failed', RESULT: 'not-begun', CAUSE: cause },
    });
    expect(world.code()).toEqual(before);
    expect(lstatSync(join(world.clone, 'node_modules')).isSymbolicLink()).toBe(true);
    expect(existsSync(join(world.clone, '.update'))).toBe(false);
    expect(await world.say('still')).toContain('You said: still');
  });
});
