import { lstatSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMessagesApi, type MessagesApi } from '../../fakes/messages-api.js';
import { call, createHarness, HELLO } from '../egress/harness.js';

let api: MessagesApi;
const stops: (() => Promise<void>)[] = [];
beforeEach(async () => {
  api = await createMessagesApi(() => 'fine');
});
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
  await api.close();
});

function setUp(runRoot?: string) {
  const harness = createHarness({ upstream: api.url, ...(runRoot ? { runRoot } : {}) });
  stops.push(harness.gateway.stop);
  return harness;
}

describe('the door of a session', () => {
  it('is a socket for its owner alone, in a folder without anything else', async () => {
    const socket = await setUp().open();
    const found = lstatSync(socket);
    expect(found.isSocket()).toBe(true);
    expect(found.mode & 0o777).toBe(0o600);
    expect(readdirSync(dirname(socket))).toEqual(['egress.sock']);
    expect((await call(socket)).status).toBe(200);
  });

  it.runIf(process.getuid?.() === 0)('belongs to the user in the container', async () => {
    const socket = await setUp().open({ owner: { uid: 1000, gid: 1001 } });
    expect(lstatSync(socket)).toMatchObject({ uid: 1000, gid: 1001 });
  });

  it('tells whose a request is: each session has its own policy and its own name in audit', async () => {
    const { open, audit } = setUp();
    const one = await open();
    const two = await open({ sessionId: 'ses_2', agent: { name: 'Bea', identifier: 'ag_2' } });
    expect(one).not.toBe(two);
    await call(two, { path: '/v1/files' });
    expect(audit.map(({ detail }) => [detail.agentGroup, detail.session])).toEqual([['ag_2', 'ses_2']]);
  });

  it('stays the same when opened again, with the new policy in force', async () => {
    const { open } = setUp();
    const body = { messages: HELLO, mcp_servers: [] };
    const socket = await open();
    const { ino } = lstatSync(socket);
    expect((await call(socket, { body })).status).toBe(403);
    expect(await open({ egress: 'web' })).toBe(socket);
    expect(lstatSync(socket).ino).toBe(ino);
    expect((await call(socket, { body })).status).toBe(200);
  });

  it('is put back when it was taken away, and opened by many at once only once', async () => {
    const { open } = setUp();
    const [socket = ''] = await Promise.all([open(), open(), open()]);
    expect(readdirSync(dirname(socket))).toEqual(['egress.sock']);
    rmSync(socket);
    await open();
    expect((await call(socket)).status).toBe(200);
  });

  it('clears what a start that was cut short left behind, and nothing else', async () => {
    const { open } = setUp();
    const dir = dirname(await open());
    writeFileSync(join(dir, '.01234567'), '');
    writeFileSync(join(dir, 'other'), '');
    rmSync(join(dir, 'egress.sock'));
    await open();
    expect(readdirSync(dir).sort()).toEqual(['egress.sock', 'other']);
  });

  it('closes: the socket goes, the folder stays for whoever mounts it', async () => {
    const { open, gateway } = setUp();
    const socket = await open();
    await gateway.close('ses_1');
    await gateway.close('ses_1');
    expect(readdirSync(dirname(socket))).toEqual([]);
    await expect(call(socket)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('outlives its host: after a stop clients find it shut, and the next host opens it in its place', async () => {
    const root = join(mkdtempSync(join(tmpdir(), 'we-')), 'w');
    const first = setUp(root);
    const socket = await first.open();
    const { ino } = lstatSync(dirname(socket));
    await first.gateway.stop();
    await expect(call(socket)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    const second = setUp(root);
    expect(await second.open()).toBe(socket);
    expect(lstatSync(dirname(socket)).ino).toBe(ino);
    expect((await call(socket)).status).toBe(200);
  });

  it('lets a failed opening be tried again', async () => {
    const { open, runRoot, gateway } = setUp();
    writeFileSync(runRoot, 'a file where the folder should be');
    const [failed, behind] = await Promise.allSettled([open(), gateway.close('ses_1')]);
    expect([failed.status, behind.status]).toEqual(['rejected', 'fulfilled']);
    rmSync(runRoot);
    const socket = await open();
    expect((await call(socket)).status).toBe(200);
  });
});
