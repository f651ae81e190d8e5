import { chmodSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { READER_ID } from '../../../src/outbound-reader/identity.js';
import { outboundFile, reader, temporaryFolder } from './setup.js';

const isRoot = process.geteuid?.() === 0;

/** The four user and group ids (real, effective, saved, file system) and the supplementary groups of a process. */
function idsOf(pid: number | undefined) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const line = (name: string) =>
    (new RegExp(`^${name}:(.*)$`, 'm').exec(status)?.[1] ?? '').trim().split(/\s+/);
  return { uids: line('Uid'), gids: line('Gid'), groups: line('Groups').filter(Boolean) };
}

test.runIf(isRoot)('started by root, the reader gives root up for good', async () => {
  const file = outboundFile();
  const { ask, client } = reader({ sessionsDir: dirname(file) });
  expect(await ask(file)).toMatchObject({ kind: 'rows' });
  const four = Array(4).fill(String(READER_ID));
  expect(idsOf(client.pid())).toEqual({ uids: four, gids: four, groups: [] });
  chmodSync(file, 0o600);
  expect(await ask(outboundFile())).toMatchObject({ kind: 'rows' });
  client.release(file);
  expect(await ask(file)).toMatchObject({ kind: 'bad', code: 'outbound-unreadable' });
});

test.runIf(isRoot)('it keeps root where only root can reach the sessions', async () => {
  const dir = temporaryFolder();
  chmodSync(dir, 0o700);
  const file = outboundFile(dir);
  const { ask, client } = reader({ sessionsDir: dir });
  expect(await ask(file)).toMatchObject({ kind: 'rows' });
  expect(idsOf(client.pid()).uids).toEqual(Array(4).fill('0'));
});
