import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openCentralDb } from '../../src/db/central/index.js';
import { createInstallation, type Installation } from '../system/host-process.js';
import { stepHere } from '../system/steps-here.js';

const FOLDERS = ['family', 'office'];

let home: Installation;

beforeEach(() => {
  home = createInstallation();
});
afterEach(() => home.remove());

const at = (...path: string[]) => join(home.home, ...path);

/** As a version before left it: what agents write is in `groups/`, and the database knows of no other place. */
async function asYesterday(): Promise<void> {
  for (const [index, folder] of FOLDERS.entries()) {
    const id = `discord:1100000000000000001:120000000000000000${index}`;
    await stepHere(home, 'register', '--platform-id', id, '--name', folder, '--folder', folder);
    mkdirSync(at('groups'), { recursive: true });
    renameSync(at('data', 'groups', folder), at('groups', folder));
    writeFileSync(at('groups', folder, 'notes.md'), `notes of ${folder}`);
  }
  const db = openCentralDb(at('data', 'v2.db'));
  db.exec("UPDATE agent_groups SET place = 'groups'");
  db.close();
}

function places(): unknown[] {
  const db = openCentralDb(at('data', 'v2.db'));
  const rows = db.prepare('SELECT folder, place FROM agent_groups ORDER BY created_at, id').raw().all();
  db.close();
  return rows;
}

it.each([
  ['folders:before-move#1', []],
  ['folders:after-move#1', ['family']],
  ['folders:before-move#2', ['family']],
  ['folders:after-move#2', ['family', 'office']],
])(
  'a host that dies at %s while it moves what agents wrote is followed by one that goes on',
  async (point, moved) => {
    await asYesterday();
    const dying = home.launch({ WHARFIE_CRASH_AT: point });
    expect(await dying.exited).toBeNull();
    expect(FOLDERS.filter((folder) => existsSync(at('data', 'groups', folder)))).toEqual(moved);
    // A step that is run before the next host starts makes nothing in the way of it.
    await stepHere(home, 'verify', '--fix', '--offline', '--terminal-only');
    const host = await home.start();
    const chat = await host.chat();
    chat.send('hello');
    await chat.hears('You said: hello');
    chat.close();
    await host.stop();
    expect(places()).toEqual(expect.arrayContaining(FOLDERS.map((folder) => [folder, 'data'])));
    for (const folder of FOLDERS) {
      expect(readFileSync(at('data', 'groups', folder, 'notes.md'), 'utf8')).toBe(`notes of ${folder}`);
    }
    expect(readdirSync(at('groups')).filter((name) => FOLDERS.includes(name))).toEqual([]);
  },
);
