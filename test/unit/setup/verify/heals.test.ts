import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Found, prepare } from './prepared.js';
import { chats } from './rows/chats.js';
import { files, machine, settings } from './rows/installation.js';
import type { Row } from './rows/row.js';
import { hosts, platforms } from './rows/running.js';

const ids = (found: readonly Found[]) => found.map((one) => one.id);

/** One after the other on one installation: what a fix leaves behind would be seen in the next row. */
async function heal(rows: Record<string, Row>): Promise<void> {
  const at = await prepare();
  vi.stubEnv('HOME', at.home);
  onTestFinished(() => void vi.unstubAllEnvs());
  const online = Object.values(rows).some((row) => row.online);
  if (online) await at.engine.stop();
  const flags = online ? [] : ['--offline'];
  const healthy = ids(await at.verify(...flags));
  expect(healthy).toEqual(online ? ['docker-not-running'] : []);
  for (const [name, row] of Object.entries(rows)) {
    await row.make(at);
    const found = (await at.verify(...flags)).find((one) => one.id === row.id);
    if (!found) throw new Error(`${name}: ${row.id} was not named`);
    expect(found.message, name).toMatch(row.says ?? /./);
    await (row.act ? row.act(at) : at.obey(found, row.secrets));
    await row.after?.(at);
    expect(ids(await at.verify(...flags)), name).toEqual(healthy);
  }
}

describe('each misconfiguration is named, and what is said to do makes it go away', () => {
  it.each([
    ['of the machine', machine],
    ['of the settings', settings],
    ['of the chats', chats],
    ['of the files', files],
    ['of the host', hosts],
    ['of the platforms', platforms],
  ])('%s', { timeout: 300_000 }, async (_of, rows) => {
    await heal(rows);
  });

  it('has at least 45 of them', () => {
    const all = [machine, settings, chats, files, hosts, platforms].flatMap((rows) => Object.keys(rows));
    expect(all.length).toBeGreaterThanOrEqual(45);
  });
});
