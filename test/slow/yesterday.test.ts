import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createCloneWorld } from './update/world.js';

/** The last version that kept what agents write in `groups/`. */
const YESTERDAY = 'da48a24';
const MINUTES = 60_000;

it('an installation of the version before is updated, or not, and goes back, and keeps what its agents wrote', {
  timeout: 20 * MINUTES,
}, async () => {
  const world = createCloneWorld({ from: YESTERDAY });
  const at = (...path: string[]) => join(world.clone, ...path);
  await world.step('service');
  expect(await world.say('one')).toContain('You said: one');
  const [folder = ''] = readdirSync(at('groups')).filter((name) => !['global', '.gitkeep'].includes(name));
  const notesIn = (...place: string[]) => {
    const file = at(...place, folder, 'notes.md');
    return existsSync(file) ? readFileSync(file, 'utf8') : null;
  };
  writeFileSync(at('groups', folder, 'notes.md'), 'of yesterday');
  const [yesterday = ''] = world.code();

  // The old version's own updater takes the new one back: it knows of groups/ only.
  world.publishCheckout({
    'setup/verify/machine.ts': (text) =>
      text.replace('const LEAST_NODE = [20, 19]', 'const LEAST_NODE = [999, 0]'),
  });
  const undone = await world.step('update', ['--offline']);
  expect(undone.fields).toMatchObject({ RESULT: 'rolled-back', CAUSE: 'verify-worse' });
  expect([notesIn('groups'), notesIn('data', 'groups')]).toEqual(['of yesterday', null]);
  expect(await world.say('two')).toContain('You said: two');

  world.publishCheckout();
  const updated = await world.step('update', ['--offline']);
  expect(updated.fields).toMatchObject({ RESULT: 'updated' });
  expect(await world.say('three')).toContain('You said: three');
  expect([notesIn('groups'), notesIn('data', 'groups')]).toEqual([null, 'of yesterday']);
  const FINDINGS = (await world.step('verify', ['--offline'])).fields.FINDINGS ?? '[]';
  expect(JSON.stringify(FINDINGS)).not.toContain('agent-folder');
  writeFileSync(at('data', 'groups', folder, 'notes.md'), 'of today');

  // A backup of yesterday, restored by the version of today: the host moves its folders once more.
  const old = String(updated.fields.BACKUP);
  expect((await world.step('backup', ['--restore', old])).fields).toMatchObject({ STATUS: 'success' });
  expect(await world.say('four')).toContain('You said: four');
  expect([notesIn('groups'), notesIn('data', 'groups')]).toEqual([null, 'of yesterday']);

  // Back by hand, as docs/backup-and-update.md says.
  await world.step('service', ['--uninstall']);
  world.git('reset', '--quiet', '--hard', yesterday);
  expect((await world.step('backup', ['--restore', old])).fields).toMatchObject({ STATUS: 'success' });
  expect(await world.say('five')).toContain('You said: five');
  expect(notesIn('groups')).toBe('of yesterday');
});
