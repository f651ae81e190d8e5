import { afterAll, beforeAll, expect, it } from 'vitest';
import { heal } from '../matrix/heal.js';
import { type HostRow, rows } from '../matrix/rows.js';
import { createWorld, type World } from '../matrix/world.js';

/** Of `npm run matrix` what tells most: while the host runs, over a restart, and what only a host can leave behind. */
const SOME = ['a trigger that nobody says', 'a host that was killed', 'messages that could not be read'];
let at: World;

beforeAll(async () => {
  at = await createWorld();
});
afterAll(() => at.close());

it('finds nothing while all is well', async () => {
  await at.answers();
  expect(await at.verify()).toEqual([]);
});

it.each(SOME)('%s', async (name) => {
  await heal(at, rowOf(name));
});

function rowOf(name: string): HostRow {
  const row = rows[name];
  if (!row) throw new Error(`the matrix has no row ${name}`);
  return row;
}
