import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import packageJson from '../../../package.json' with { type: 'json' };
import {
  channelOf,
  channels,
  factsOf,
  howToSend,
  linksToBot,
  normalizePlatformId,
} from '../../../src/channels/catalog/index.js';
import * as barrel from '../../../src/channels/index.js';

const GUILD = '1100000000000000001';
const CHANNEL = '1200000000000000002';
const STORED = `discord:${GUILD}:${CHANNEL}`;

describe('normalizePlatformId', () => {
  test.each([
    [STORED],
    [`${GUILD}:${CHANNEL}`],
    [`dc:${GUILD}:${CHANNEL}`],
    [` DISCORD:${GUILD}:${CHANNEL} `],
    [`discord:${GUILD}:${CHANNEL}:1300000000000000003`],
    [`https://discord.com/channels/${GUILD}/${CHANNEL}`],
    [`https://ptb.discord.com/channels/${GUILD}/${CHANNEL}/1300000000000000003`],
    ['discord：1100000000000000001：1200000000000000002'],
  ])('%s is stored in one form', (raw) => {
    expect(normalizePlatformId('discord', raw)).toBe(STORED);
  });

  test('a direct message keeps its place', () => {
    expect(normalizePlatformId('discord', `@ME:${CHANNEL}`)).toBe(`discord:@me:${CHANNEL}`);
    expect(normalizePlatformId('cli', 'CLI:Local')).toBe('cli:local');
  });

  test('a bare channel id is incomplete: only Discord knows its server', () => {
    for (const raw of [CHANNEL, `dc:${CHANNEL}`]) {
      expect(() => normalizePlatformId('discord', raw)).toThrowError(
        expect.objectContaining({ code: 'platform-id-incomplete' }),
      );
    }
  });

  test.each(['', 'discord:', 'general', 'discord:x:y', `${GUILD}:12`, 'telegram:5', `a:${STORED}`])(
    '%j is refused, with an example',
    (raw) => {
      expect(() => normalizePlatformId('discord', raw)).toThrowError(
        expect.objectContaining({ code: 'platform-id-invalid', fix: expect.stringContaining('discord:11') }),
      );
    },
  );

  test('what is stored is stored again unchanged, whatever was given', () => {
    const snowflake = fc.bigInt(10n ** 16n, 10n ** 19n).map(String);
    const given = fc.tuple(fc.oneof(snowflake, fc.constant('@me')), snowflake).map((ids) => ids.join(':'));
    fc.assert(
      fc.property(given, fc.constantFrom('', 'discord:', 'dc:', 'DC:'), (id, prefix) => {
        const stored = normalizePlatformId('discord', prefix + id);
        expect(stored).toMatch(factsOf('discord').platformId.pattern);
        expect(normalizePlatformId('discord', stored)).toBe(stored);
      }),
    );
  });
});

describe('the catalog', () => {
  test.each(Object.values(channels))(
    '$type tells how to speak to its bot as it can be done there',
    (facts) => {
      const directOnly =
        facts.platformId.isGroup?.(facts.platformId.example) === false && !facts.capabilities.threads;
      const isMail = facts.type === 'resend';
      expect(facts.sayToBot).toMatch(/^[A-Z].*\.$/);
      expect(/mention|group|channel|space|issue/.test(facts.sayToBot)).toBe(!directOnly && !isMail);
      expect(facts.sayToBot.includes('"@<bot> <word>"')).toBe(facts.sayToBot.includes('mention'));
      const told = howToSend(facts, 'ABCD2345', 'andy_bot');
      expect(told).toContain('andy_bot');
      expect(told + howToSend(facts, 'ABCD2345', null)).not.toMatch(/<word>|<bot>|@bot\b|@app\b/);
    },
  );

  test('has one-tap links to a Telegram bot whose name is known, and none that something else could hide in', () => {
    const facts = factsOf('telegram');
    expect(linksToBot(facts, 'ABCD2345', 'andy_bot')).toEqual({
      direct: 'https://t.me/andy_bot?start=ABCD2345',
      group: 'https://t.me/andy_bot?startgroup=ABCD2345',
    });
    expect(linksToBot(facts, 'ABCD2345', null)).toBeNull();
    expect(linksToBot(facts, 'ABCD2345', 'x?start=EVIL2345#')).toBeNull();
    expect(linksToBot(factsOf('slack'), 'ABCD2345', 'andy')).toBeNull();
  });

  test('tells the channel of an id by its prefix', () => {
    expect(channelOf(STORED)).toBe('discord');
    expect(channelOf(`dc:${CHANNEL}`)).toBe('discord');
    expect(channelOf('cli:local')).toBe('cli');
    expect(channelOf('constructor:1')).toBeNull();
    expect(channelOf('smoke-signal:1')).toBeNull();
  });

  test('an unknown channel is an error that names the known ones', () => {
    for (const type of ['smoke-signal', 'constructor']) {
      expect(() => factsOf(type)).toThrowError(
        expect.objectContaining({ code: 'unknown-channel', fix: expect.stringContaining('discord') }),
      );
    }
  });

  test.each(Object.entries(channels))('%s: its example is an id of its own form', (type, facts) => {
    expect(facts.type).toBe(type);
    expect(normalizePlatformId(type, facts.platformId.example)).toBe(facts.platformId.example);
    expect(channelOf(facts.platformId.example)).toBe(type);
    for (const alias of facts.platformId.aliases) expect(channelOf(`${alias}:1`)).toBe(type);
  });

  test('what the barrel enables stands in the catalog, with the package at its pinned version', () => {
    const pinned: Record<string, string> = packageJson.dependencies;
    for (const module of Object.values(barrel)) {
      const { package: needed } = factsOf(module.type);
      if (needed) expect(pinned[needed.name]).toBe(needed.version);
    }
    expect(Object.values(barrel).map((module) => module.type)).toEqual(['discord']);
  });
});
