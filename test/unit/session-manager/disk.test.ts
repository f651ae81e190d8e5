import { expect, test } from 'vitest';
import { type AgentGroup, containerConfigSchema, type Session } from '../../../src/db/types.js';
import { createSessionDisk } from '../../../src/session-manager/disk.js';
import { pathsBelow } from '../../../src/session-manager/paths.js';

const MIB = 1024 ** 2;
const session: Session = {
  ...{ id: 'ses_1', agentGroupId: 'ag_1', messagingGroupId: null, threadId: '', containerState: 'stopped' },
  ...{ incarnation: 0, tries: 0, nextDueAt: null, lastActiveAt: 0, createdAt: 0 },
};
const groupWith = (diskBytes?: number): AgentGroup => ({
  ...{
    id: 'ag_1',
    name: 'a',
    folder: 'family',
    place: 'data',
    isAdmin: false,
    agentProvider: 'claude',
    createdAt: 0,
  },
  containerConfig: containerConfigSchema.parse(diskBytes ? { diskBytes } : {}),
});
const diskWith = (bytes: Record<string, number>, free = 10_000 * MIB, uncounted = false) =>
  createSessionDisk({
    sessions: { paths: () => ({ ...pathsBelow('/s'), group: '/g', global: '/global' }) },
    sessionsDir: '/sessions',
    measure: async (root) => ({ bytes: bytes[root] ?? 0, entries: 1, uncounted }),
    freeBytes: async () => free,
  });

test('within its limit a session may run, and the larger folder counts', async () => {
  const disk = diskWith({ '/s': 3 * MIB, '/g': 4 * MIB });
  expect(await disk.use(session, groupWith())).toBe(4 * MIB);
  await disk.check(session, groupWith());
});

test.each([
  ['its own folder', { '/s': 11 * MIB }, 'data/v2-sessions/ag_1/ses_1'],
  ['the folder of its agent group', { '/g': 11 * MIB }, 'data/groups/family'],
])('%s over the limit: refused, with what helps', async (_, bytes, folder) => {
  await expect(diskWith(bytes).check(session, groupWith(10 * MIB))).rejects.toMatchObject({
    code: 'disk-limit',
    message: expect.stringContaining('10 MiB'),
    fix: expect.stringContaining(folder),
  });
});

test('what cannot be counted is over the limit', async () => {
  await expect(diskWith({}, 10_000 * MIB, true).use(session, groupWith())).rejects.toMatchObject({
    code: 'disk-limit',
  });
});

test('on a disk that is nearly full nobody starts', async () => {
  const disk = diskWith({}, 100 * MIB);
  expect(await disk.isLow()).toBe(true);
  await expect(disk.check(session, groupWith())).rejects.toMatchObject({ code: 'disk-full' });
});
