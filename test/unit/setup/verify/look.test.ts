import { expect, it } from 'vitest';
import { writeJournal } from '../../../../setup/update/journal.js';
import { createParts } from '../../../../setup/verify/parts.js';
import { WharfieError } from '../../../../src/errors.js';
import { FAMILY, prepare } from './prepared.js';

const slow = { timeout: 120_000 };

it('takes what throws for a finding, and goes on', async () => {
  const parts = createParts({ detail: () => {} });
  const odd = new WharfieError('bad-row', 'It cannot be read.', './wharfie register');
  expect(await parts.look('This', 'wiring', () => Promise.reject(odd), 7)).toBe(7);
  expect(await parts.look('That', 'machine', () => Promise.reject(new Error('odd')), 8)).toBe(8);
  expect(await parts.look('The rest', 'machine', () => 9, 0)).toBe(9);
  expect(parts.findings).toMatchObject([{ id: 'bad-row' }, { id: 'check-failed', layer: 'machine' }]);
});

it('names what else is wrong beside a row that cannot be read', slow, async () => {
  const at = await prepare();
  at.sql("UPDATE agent_groups SET container_config = 'oops'");
  at.sql("UPDATE messaging_group_agents SET trigger_rules = '{not json'");
  at.writeEnv({ DISCORD_BOT_TOKEN: undefined });
  const ids = (await at.verify('--offline')).map((one) => one.id);
  expect(ids).toEqual(expect.arrayContaining(['agent-group-unusable', 'channel-credential-missing']));
});

it('repairs more than one thing in the database at once, and loses no report', slow, async () => {
  const at = await prepare();
  at.sql(`PRAGMA foreign_keys = OFF; UPDATE messaging_group_agents SET messaging_group_id = 'gone'
    WHERE messaging_group_id = (SELECT id FROM messaging_groups WHERE platform_id = '${FAMILY}')`);
  at.sql("UPDATE agent_groups SET container_config = 'oops' WHERE folder = 'main'");
  at.chmodEnv(0o644);
  const { fields } = await at.run('verify', ['--offline', '--fix']);
  expect(String(fields.FIXED).split(', ').sort()).toEqual([
    'agent-group-unusable',
    'env-readable',
    'wiring-dangling',
  ]);
});

it('does not wait for an answer that a known cause keeps away, and says which', slow, async () => {
  const at = await prepare();
  await at.engine.stop();
  at.writeEnv({ ANTHROPIC_API_KEY: undefined });
  const { fields } = await at.run('verify', []);
  expect(fields.ROUND_TRIP).toMatch(/^skipped: (?:docker-|credential-missing)/);
});

it('does not call a run ready that has asked nobody', slow, async () => {
  const at = await prepare();
  expect(await at.run('verify', ['--offline'])).toMatchObject({
    exitCode: 0,
    fields: { RESULT: 'nothing-found', ERRORS: 0 },
  });
});

it('asks about the newest 50 chats, and says how many more there are', slow, async () => {
  const at = await prepare();
  await at.engine.stop();
  for (let n = 10; n < 60; n += 1) {
    await at.wire(
      '--platform-id',
      `discord:1100000000000000001:12000000000000000${n}`,
      '--name',
      'X',
      '--folder',
      'family',
    );
  }
  const found = (await at.verify()).find((one) => one.id === 'chat-not-asked');
  expect(found?.message).toMatch(/2 chats of Discord/);
});

it('registers no chat that the platform does not know, unless it is told to', slow, async () => {
  const at = await prepare();
  at.knows(async () => null);
  const id = 'discord:1100000000000000001:1200000000000000077';
  const argv = ['--platform-id', id, '--name', 'Nowhere', '--folder', 'nowhere', '--unknown-senders', 'open'];
  expect(await at.run('register', argv)).toMatchObject({ exitCode: 1, fields: { ERROR: 'chat-not-found' } });
  const { fields } = await at.run('groups', ['--list']);
  expect(JSON.stringify(fields.CHATS)).not.toContain('Nowhere');
  expect(await at.run('register', [...argv, '--unseen'])).toMatchObject({ fields: { CHAT: 'not-found' } });
  at.knows(() => Promise.reject(new Error('it answers 500')));
  expect(await at.run('register', argv)).toMatchObject({
    exitCode: 0,
    fields: { CHAT: 'not-asked: it answers 500' },
  });
});

it(
  'tells of channels with their state and since when, and by its exit code whether a chat is deaf',
  slow,
  async () => {
    const at = await prepare();
    const healthy = await at.run('status', []);
    expect(healthy).toMatchObject({ exitCode: 0, fields: { HOST: 'running', GIVEN_UP: 0 } });
    expect(healthy.fields.CHANNELS).toEqual(
      expect.arrayContaining([
        { channel: 'discord', state: 'connected', since: expect.stringMatching(/^20/) },
      ]),
    );
    at.platform.setHealth({ state: 'failed', detail: 'The token was revoked.', fix: 'make a new one' });
    expect(await at.run('status', [])).toMatchObject({
      exitCode: 1,
      fields: { STATUS: 'success', FOUND: expect.stringContaining('revoked'), FIX: 'make a new one' },
    });
    await at.stopHost();
    expect(await at.run('status', [])).toMatchObject({
      exitCode: 1,
      fields: { HOST: 'stopped', RUNNING: 0, FOUND: expect.stringMatching(/^host-not-running/) },
    });
  },
);

it('asks before it starts the host anew, and only where a service can', slow, async () => {
  const at = await prepare();
  await at.restart({ has: false });
  const asked = await at.run('verify', ['--offline', '--fix']);
  // A terminal holds this host: nobody else can start it anew.
  expect(asked).toMatchObject({
    exitCode: 1,
    fields: { ERROR: 'not-ready', FIX: expect.stringContaining('Ctrl+C') },
  });
  at.service();
  expect(await at.run('verify', ['--offline', '--fix'])).toMatchObject({
    exitCode: 3,
    fields: { STATUS: 'needs_input', OPTIONS: ['./wharfie verify --fix --restart', 'later'] },
  });
  expect(await at.run('verify', ['--restart'])).toMatchObject({ exitCode: 4 });
});

it('names a service that starts a Node which is gone', slow, async () => {
  const at = await prepare();
  at.service('/nonexistent/node');
  const found = await at.verify('--offline');
  expect(found.map((one) => one.id)).toContain('service-node-gone');
});

it('lets no update be undone for what the version before had no word for', slow, async () => {
  const at = await prepare();
  at.sql("UPDATE messaging_groups SET unknown_sender_policy = 'known'; DELETE FROM memberships");
  const severities = async () =>
    (await at.verify('--offline')).filter(({ id }) => id === 'chat-hears-nobody').map((one) => one.severity);
  expect(new Set(await severities())).toEqual(new Set(['error']));
  const journal = { version: 1, phase: 'verifying', from: 'a', to: 'b', backup: null, services: [] } as const;
  writeJournal(at.paths.data, { ...journal, image: null, services: [] });
  expect(new Set(await severities())).toEqual(new Set(['warning']));
});
