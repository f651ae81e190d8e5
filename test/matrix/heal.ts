import { expect } from 'vitest';
import type { HostRow } from './rows.js';
import type { Found, World } from './world.js';

const ids = (found: readonly Found[]) => found.map((one) => one.id);

/** Names it, does what is said, and sees it gone and a message answered. Returns what was said to do. */
export async function heal(at: World, row: HostRow): Promise<string> {
  await row.make(at);
  const all = await at.verify();
  const found = all.find((one) => one.id === row.id);
  if (!found) throw new Error(`${row.id} was not named, but ${ids(all).join(', ') || 'nothing'}`);
  await (row.act ? row.act(at) : at.obey(found));
  expect(ids(await at.verify())).not.toContain(row.id);
  await row.after?.(at);
  await at.answers();
  expect(ids(await at.verify())).toEqual([]);
  return found.fix;
}
