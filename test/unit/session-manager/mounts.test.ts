import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { insertMessage } from '../../../src/db/inbound/messages-in.js';
import { READER_ID } from '../../../src/outbound-reader/identity.js';
import { chat, workspace } from './workspace.js';

const isRoot = process.geteuid?.() === 0;
const container = { uid: 1000, gid: 1000 };

test('every mount point is there, and doing it again changes nothing', () => {
  const { resolve, manager } = workspace();
  const session = resolve();
  manager.prepareMounts(session, null);
  const paths = manager.paths(session);
  const { root: _root, ...points } = paths;
  for (const path of Object.values(points)) expect(lstatSync(path).isSymbolicLink()).toBe(false);
  writeFileSync(paths.heartbeat, 'beat');
  writeFileSync(join(paths.filesOut, 'kept'), 'kept');
  manager.prepareMounts(session, null);
  expect(readFileSync(paths.heartbeat, 'utf8')).toBe('beat');
  expect(readFileSync(join(paths.filesOut, 'kept'), 'utf8')).toBe('kept');
});

test.runIf(isRoot)('the container owns what it writes and can only read what it is told', async () => {
  const { resolve, manager } = workspace();
  const session = resolve();
  manager.prepareMounts(session, container);
  const paths = manager.paths(session);
  for (const path of [paths.out, paths.filesOut, paths.heartbeat, paths.home, paths.group]) {
    expect([path, statSync(path).uid, statSync(path).gid]).toEqual([path, 1000, 1000]);
  }
  for (const file of [paths.outboundDb, paths.outboundJournal]) {
    const { uid, gid, mode } = statSync(file);
    expect([uid, gid, mode & 0o777]).toEqual([1000, READER_ID, 0o640]);
  }
  const { uid, gid, mode } = statSync(paths.in);
  expect([uid, gid, mode & 0o777]).toEqual([0, 1000, 0o750]);
  expect(statSync(paths.inboundDb).uid).toBe(0);
  expect(statSync(paths.inboundDb).mode & 0o004).toBe(0o004);
  expect(statSync(paths.global).uid).toBe(0);
  await expect(manager.write(session.id, (db) => insertMessage(db, chat('1')))).resolves.toMatchObject({
    seq: 2,
  });
});

test.runIf(isRoot)('links that a container put below its folders are neither followed nor owned', () => {
  const { resolve, manager } = workspace();
  const session = resolve();
  manager.prepareMounts(session, container);
  const paths = manager.paths(session);
  const canary = mkdtempSync(join(tmpdir(), 'wharfie-canary-'));
  onTestFinished(() => rmSync(canary, { recursive: true }));
  mkdirSync(join(canary, 'folder'));
  const target = join(canary, 'file');
  writeFileSync(target, 'mine');
  rmSync(paths.filesOut, { recursive: true });
  symlinkSync(join(canary, 'folder'), paths.filesOut);
  rmSync(paths.heartbeat);
  symlinkSync(join(canary, 'not-yet'), paths.heartbeat);
  symlinkSync(target, join(paths.home, '.claude.json'));
  manager.prepareMounts(session, { uid: 1234, gid: 1234 });
  for (const path of [canary, join(canary, 'folder'), target]) expect(statSync(path).uid).toBe(0);
  expect(() => lstatSync(join(canary, 'not-yet'))).toThrow('ENOENT');
  expect(lstatSync(paths.filesOut).uid).toBe(0);
  expect(statSync(paths.out).uid).toBe(1234);
});
