import { existsSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { channel } from '../../../../setup/channel.js';
import { createFakeDiscord } from '../../../fakes/discord.js';
import { createFakeSlack } from '../../../fakes/slack.js';
import { createInstallation, secretsOf } from '../harness.js';

const auth = ['--auth', 'discord'];

async function withDiscord() {
  const discord = await createFakeDiscord();
  onTestFinished(() => discord.close());
  discord.token = `${'A'.repeat(24)}.abcdef.${'B'.repeat(38)}`;
  const env = { DISCORD_API_URL: discord.apiUrl };
  const at = createInstallation({ env });
  return { at, discord, secrets: secretsOf({ DISCORD_BOT_TOKEN: discord.token }) };
}

describe('channel --auth', () => {
  it('keeps what the platform takes, shows no secret, and does nothing the second time', async () => {
    const { at, discord, secrets } = await withDiscord();
    const first = await at.run(channel, auth, { secrets });
    expect(first).toMatchObject({
      exitCode: 0,
      fields: { STATUS: 'success', CREDENTIALS: 'DISCORD_BOT_TOKEN', CHECK: 'accepted' },
    });
    expect(at.readEnv()).toBe(`DISCORD_BOT_TOKEN=${discord.token}\n`);
    expect([first.output, ...at.said, ...at.logged].join('\n')).not.toContain(discord.token);
    expect((await at.run(channel, auth, { secrets })).fields).toMatchObject({ STATUS: 'skipped' });
    expect((await at.run(channel, [...auth, '--check'])).fields).toMatchObject({ CHECK: 'accepted' });
  });

  it('asks a person for what it needs only: of Discord one token', async () => {
    const { at, discord } = await withDiscord();
    let asked: string[] = [];
    const secrets = {
      interactive: true,
      read: async (wanted: readonly { name: string }[]) => {
        asked = wanted.map((one) => one.name);
        return { DISCORD_BOT_TOKEN: discord.token };
      },
    };
    expect((await at.run(channel, auth, { secrets })).fields).toMatchObject({ CHECK: 'accepted' });
    expect(asked).toEqual(['DISCORD_BOT_TOKEN']);
  });

  it('says the one line to paste into a second terminal', async () => {
    const { at } = await withDiscord();
    const missing = await at.run(channel, auth, { secrets: secretsOf(null) });
    expect(missing.fields.QUESTION).toMatch(/: cd \S+ && \.\/wharfie channel --auth discord$/);
  });

  it('forgets its secrets and nothing else', async () => {
    const { at, secrets } = await withDiscord();
    at.writeEnv('# mine\nTZ=UTC\nDISCORD_BOT_TOKEN=x\nexport DISCORD_PUBLIC_KEY="y"\nLAST=1\n');
    const gone = await at.run(channel, [...auth, '--forget'], { secrets });
    expect(gone.fields).toMatchObject({
      STATUS: 'success',
      FORGOTTEN: 'DISCORD_BOT_TOKEN, DISCORD_PUBLIC_KEY',
    });
    expect(at.readEnv()).toBe('# mine\nTZ=UTC\nLAST=1\n');
    expect((await at.run(channel, [...auth, '--forget'])).fields).toMatchObject({ STATUS: 'skipped' });
    at.writeEnv('DISCORD_BOT_TOKEN="a\nTZ=b"\n');
    expect((await at.run(channel, [...auth, '--forget'])).fields).toMatchObject({ ERROR: 'env-unparsable' });
  });

  it('keeps nothing that the platform refuses', async () => {
    const { at, discord, secrets } = await withDiscord();
    discord.token = 'another.fake.token';
    at.writeEnv('DISCORD_BOT_TOKEN=before\n');
    expect(await at.run(channel, auth, { secrets })).toMatchObject({
      exitCode: 1,
      fields: { ERROR: 'credential-refused', MESSAGE: expect.stringContaining('DISCORD_BOT_TOKEN') },
    });
    expect(at.readEnv()).toBe('DISCORD_BOT_TOKEN=before\n');
  });

  it('keeps a good token of an application whose settings are not done, and says which', async () => {
    const { at, discord, secrets } = await withDiscord();
    discord.faults.next(/applications/, {
      kind: 'answer',
      status: 200,
      body: { id: '1', verify_key: 'x', flags: 0 },
    });
    const result = await at.run(channel, auth, { secrets });
    expect(result).toMatchObject({
      exitCode: 1,
      fields: {
        ERROR: 'channel-setting-missing',
        STORED: '.env',
        FIX: expect.stringMatching(/Message Content Intent.*--auth discord --check/),
      },
    });
    expect(at.readEnv()).toBe(`DISCORD_BOT_TOKEN=${discord.token}\n`);
  });

  it('asks for what is missing, and --check says so', async () => {
    const { at } = await withDiscord();
    expect(await at.run(channel, auth)).toMatchObject({ exitCode: 3, fields: { STATUS: 'needs_input' } });
    expect(await at.run(channel, [...auth, '--check'])).toMatchObject({
      exitCode: 2,
      fields: { ERROR: 'credential-missing', MESSAGE: expect.stringContaining('DISCORD_BOT_TOKEN') },
    });
  });

  it('takes either of two secrets where one will do, and names both where neither is there', async () => {
    const slack = await createFakeSlack();
    onTestFinished(() => slack.close());
    const at = createInstallation({ env: { SLACK_API_URL: slack.apiUrl } });
    const given = { SLACK_BOT_TOKEN: slack.botToken };
    const argv = ['--auth', 'slack'];
    expect(await at.run(channel, argv, { secrets: secretsOf(given) })).toMatchObject({
      fields: {
        STATUS: 'needs_input',
        QUESTION: expect.stringContaining('SLACK_APP_TOKEN or SLACK_SIGNING_SECRET'),
      },
    });
    const list = async () => {
      const { fields } = await at.run(channel, ['--list', '--channel', 'slack']);
      expect(fields.COUNT).toBe(1);
      return JSON.stringify(fields.CHANNELS);
    };
    expect(await list()).not.toContain('/webhooks/slack');
    const signed = { ...given, SLACK_SIGNING_SECRET: 'f'.repeat(32) };
    expect(await at.run(channel, argv, { secrets: secretsOf(signed) })).toMatchObject({
      fields: { CREDENTIALS: 'SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET', CHECK: 'accepted' },
    });
    at.writeEnv(`${at.readEnv()}WHARFIE_PUBLIC_URL=https://wharfie.example.org/\n`);
    expect(await list()).toContain('"url":"https://wharfie.example.org/webhooks/slack"');
  });

  it.each([
    ['a foreign token', auth, { DISCORD_BOT_TOKEN: '123456:AAF-telegram-like' }, 'invalid-secret'],
    ['an unknown channel', ['--auth', 'icq'], null, 'unknown-channel'],
    ['the terminal', ['--enable', 'cli'], null, 'always-enabled'],
    ['--check alone', ['--list', '--check'], null, 'conflicting-flags'],
    ['--channel alone', ['--enable', 'discord', '--channel', 'discord'], null, 'conflicting-flags'],
    ['a list of an unknown channel', ['--list', '--channel', 'icq'], null, 'unknown-channel'],
    ['nothing to do', [], null, 'missing-flag'],
  ])('refuses %s with exit 4 and asks nobody', async (_, argv, given, code) => {
    const { at, discord } = await withDiscord();
    const refused = await at.run(channel, argv, { secrets: secretsOf(given) });
    expect(refused).toMatchObject({ exitCode: 4, fields: { ERROR: code } });
    for (const secret of Object.values(given ?? {})) expect(refused.output).not.toContain(secret);
    expect({ requests: discord.requests, env: existsSync(at.paths.envFile) }).toEqual({
      requests: [],
      env: false,
    });
  });
});

describe('channel --list', () => {
  it('tells the facts of the catalog and what is done, and never a secret', async () => {
    const at = createInstallation();
    at.writeEnv('DISCORD_BOT_TOKEN=very-secret\n');
    const { fields, output } = await at.run(channel, ['--list']);
    expect(fields).toMatchObject({ STATUS: 'success', CONFIGURED: expect.stringContaining('discord') });
    expect(fields.CHANNELS).toContainEqual(
      expect.objectContaining({
        type: 'discord',
        enabled: true,
        configured: true,
        credentials: expect.arrayContaining([
          expect.objectContaining({ name: 'DISCORD_BOT_TOKEN', present: true }),
        ]),
      }),
    );
    expect(output).not.toContain('very-secret');
  });
});
