import { execFileSync } from 'node:child_process';
import { copyFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../system/eventually.js';
import { type Attacker, createHostileWorld, type HostileWorld } from './world.js';

/**
 * What no container can do here (its outbound.db and journal are mounts of files, in a folder that it does not see), done
 * from outside: should an engine ever let one through, the host must not be the one to fall.
 */
const swaps: [what: string, swap: (file: string) => void, expected: RegExp][] = [
  [
    'another database in its place, with an endless view',
    (file) => {
      const other = `${file}.other`;
      const db = new Database(other);
      db.exec(
        'CREATE VIEW messages_out AS WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq + 2 FROM n) SELECT * FROM n',
      );
      db.close();
      renameSync(other, file);
    },
    /outbound-(schema|corrupt)/,
  ],
  [
    'a link to inbound.db in its place',
    (file) => {
      rmSync(file);
      symlinkSync(path.join(file, '..', '..', 'in', 'inbound.db'), file);
    },
    /outbound-/,
  ],
  ['nothing in its place', (file) => rmSync(file), /outbound-/],
  [
    'a FIFO in its place',
    (file) => {
      rmSync(file);
      execFileSync('mkfifo', ['-m', '666', file]);
    },
    /outbound-not-file/,
  ],
  [
    'a FIFO where the journal should be',
    (file) => {
      rmSync(`${file}-journal`);
      execFileSync('mkfifo', ['-m', '666', `${file}-journal`]);
    },
    /outbound-journal/,
  ],
  [
    'a link where the journal should be',
    (file) => {
      rmSync(`${file}-journal`);
      symlinkSync('/etc/passwd', `${file}-journal`);
    },
    /outbound-journal/,
  ],
  ['a write-ahead log beside it', (file) => writeFileSync(`${file}-wal`, 'x'.repeat(4096)), /outbound-/],
  ['a second name for it', (file) => execFileSync('ln', [file, `${file}.second`]), /outbound-links/],
];

let world: HostileWorld;
beforeAll(async () => {
  const agents = Object.fromEntries(swaps.map((_, index) => [`s${index}`, {}]));
  world = await createHostileWorld({ agents: { ...agents, same: {} } });
});
afterAll(() => world.close());

const file = (agent: Attacker) => path.join(agent.folder(), 'db', 'outbound.db');
const RINGING = 'await finish(1); setInterval(ring, 200); await sleep(1e9);';

it.each(swaps.map((one, index) => [...one, `s${index}`] as const))(
  'swapped under the handle: %s',
  (what, swap, expected, name) =>
    world.tries(`outbound.db swapped under the handle: ${what}`, async () => {
      const agent = world.agent(name);
      await agent.runs(RINGING);
      swap(file(agent));
      const ours = () =>
        world.logged('outbound.db cannot be used').find((line) => line.session === agent.sessionId()) ??
        false;
      const line = await eventually(ours, `a word about ${what}`);
      expect(line.code).toMatch(expected);
      return `${line.code}: its container was stopped`;
    }),
);

it('a copy of itself', () =>
  world.tries('outbound.db swapped under the handle: a copy of itself', async () => {
    const agent = world.agent('same');
    await agent.runs(RINGING);
    copyFileSync(file(agent), `${file(agent)}.copy`);
    renameSync(`${file(agent)}.copy`, file(agent));
    await world.isServed();
    return 'taken for what it is, a file without news; nothing is said twice';
  }));
