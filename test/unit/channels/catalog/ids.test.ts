import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  channels,
  counterpartOf,
  isGroupChat,
  normalizePlatformId,
} from '../../../../src/channels/catalog/index.js';
import pinned from '../../../channels/package.json' with { type: 'json' };

describe('ids of Telegram', () => {
  test.each([
    ['-1001234567890', 'telegram:-1001234567890'],
    ['tg:-1001234567890', 'telegram:-1001234567890'],
    ['telegram:-1001234567890:42', 'telegram:-1001234567890'],
    ['−1001234567890', 'telegram:-1001234567890'],
    ['https://t.me/c/1234567890/42', 'telegram:-1001234567890'],
    ['t.me/c/1234567890/3/42', 'telegram:-1001234567890'],
    ['5000000077', 'telegram:5000000077'],
    ['0077', 'telegram:77'],
  ])('%s', (raw, stored) => {
    expect(normalizePlatformId('telegram', raw)).toBe(stored);
  });

  test.each(['@family_chat', 'https://t.me/family_chat/12', 't.me/family_chat'])(
    '%s is a name that only Telegram can complete',
    (raw) => {
      expect(() => normalizePlatformId('telegram', raw)).toThrowError(
        expect.objectContaining({ code: 'platform-id-incomplete' }),
      );
    },
  );

  test.each(['', '0', '--5', 'Ada', '12345678901234567', 'discord:5', '1e5'])('%j is refused', (raw) => {
    expect(() => normalizePlatformId('telegram', raw)).toThrowError(
      expect.objectContaining({ code: 'platform-id-invalid' }),
    );
  });
});

describe('ids of Slack', () => {
  test.each([
    ['c0123abcdef', 'slack:C0123ABCDEF'],
    ['slack:D0123ABCDEF', 'slack:D0123ABCDEF'],
    ['https://team.slack.com/archives/C0123ABCDEF/p1700000000000100?thread_ts=1', 'slack:C0123ABCDEF'],
    ['https://big.enterprise.slack.com/archives/G0123ABCDEF', 'slack:G0123ABCDEF'],
    ['https://app.slack.com/client/T0123/C0123ABCDEF', 'slack:C0123ABCDEF'],
  ])('%s', (raw, stored) => {
    expect(normalizePlatformId('slack', raw)).toBe(stored);
  });

  test.each(['#general', 'U0123ABCDEF', 'C0', 'https://evil.example/archives/C0123ABCDEF'])(
    '%j is refused',
    (raw) => {
      expect(() => normalizePlatformId('slack', raw)).toThrowError(
        expect.objectContaining({ code: 'platform-id-invalid' }),
      );
    },
  );
});

describe('ids of WhatsApp', () => {
  test.each([
    ['106540352242922:491701234567', 'whatsapp:106540352242922:491701234567'],
    ['whatsapp:106540352242922:+49 (0170) 123-4567', 'whatsapp:106540352242922:4901701234567'],
    ['106540352242922/0049 170 1234567', 'whatsapp:106540352242922:491701234567'],
    ['106540352242922:us.ent.13491208655302', 'whatsapp:106540352242922:US.ENT.13491208655302'],
  ])('%s', (raw, stored) => {
    expect(normalizePlatformId('whatsapp-cloud', raw)).toBe(stored);
  });

  test.each(['+49 170 1234567', '491701234567', 'whatsapp:+1 (555) 123-0002'])(
    '%s is a person, and only the channel knows at which number',
    (raw) => {
      expect(() => normalizePlatformId('whatsapp-cloud', raw)).toThrowError(
        expect.objectContaining({ code: 'platform-id-incomplete' }),
      );
    },
  );

  test.each(['', 'Ada', '106540352242922:', '106540352242922:Ada', '1:2:3', 'telegram:5'])(
    '%j is refused',
    (raw) => {
      expect(() => normalizePlatformId('whatsapp-cloud', raw)).toThrowError(
        expect.objectContaining({ code: 'platform-id-invalid' }),
      );
    },
  );
});

describe('ids of GitHub', () => {
  test.each([
    ['Octo-Org/Octo-Repo', 'github:octo-org/octo-repo'],
    ['gh:octo-org/.github', 'github:octo-org/.github'],
    ['https://github.com/Octo-Org/octo.repo/pull/7/files', 'github:octo-org/octo.repo'],
    ['github.com/octo-org/octo-repo?tab=readme', 'github:octo-org/octo-repo'],
    ['octo-org/octo-repo#12', 'github:octo-org/octo-repo'],
    ['git@github.com:octo-org/octo-repo.git', 'github:octo-org/octo-repo'],
  ])('%s', (raw, stored) => {
    expect(normalizePlatformId('github', raw)).toBe(stored);
  });

  test.each(['octo-org', 'octo-org/', '/repo', 'a b/c', 'octo-org/..', '-a/b', 'https://evil.example/a/b'])(
    '%j is refused',
    (raw) => {
      expect(() => normalizePlatformId('github', raw)).toThrowError(
        expect.objectContaining({ code: 'platform-id-invalid' }),
      );
    },
  );
});

describe('ids of e-mail', () => {
  test.each([
    ['ada@example.org', 'resend:ada@example.org'],
    ['Ada Lovelace <Ada.L@Mail.Example.ORG>', 'resend:ada.l@mail.example.org'],
    ['mailto:ada+x@example.org', 'resend:ada+x@example.org'],
  ])('%s', (raw, stored) => {
    expect(normalizePlatformId('resend', raw)).toBe(stored);
  });

  test.each([
    '',
    'ada',
    'ada@',
    '@example.org',
    'a b@example.org',
    'a@b@example.org',
    'ada@localhost',
    'a:b@c.org',
  ])('%j is refused', (raw) => {
    expect(() => normalizePlatformId('resend', raw)).toThrowError(
      expect.objectContaining({ code: 'platform-id-invalid' }),
    );
  });
});

describe('ids of Linear', () => {
  test.each([
    ['eng', 'linear:ENG'],
    ['ENG-12', 'linear:ENG'],
    ['linear:OPS2', 'linear:OPS2'],
    ['linear:OPS2:OPS2-7', 'linear:OPS2'],
    ['https://linear.app/acme/team/ENG/active', 'linear:ENG'],
    ['https://linear.app/acme/issue/ENG-12/a-leak', 'linear:ENG'],
  ])('%s', (raw, stored) => {
    expect(normalizePlatformId('linear', raw)).toBe(stored);
  });

  test.each(['', '12', 'Engineering team', '9ENG', 'discord:5', 'https://evil.example/acme/team/ENG'])(
    '%j is refused',
    (raw) => {
      expect(() => normalizePlatformId('linear', raw)).toThrowError(
        expect.objectContaining({ code: 'platform-id-invalid' }),
      );
    },
  );
});

describe('what an id tells', () => {
  test.each([
    ['cli', 'cli:local', false, 'cli:owner'],
    ['discord', 'discord:@me:1200000000000000002', false, null],
    ['discord', 'discord:1100000000000000001:1200000000000000002', true, null],
    ['telegram', 'telegram:77', false, 'telegram:77'],
    ['telegram', 'telegram:-1001234567890', true, null],
    ['slack', 'slack:D0123ABCDEF', false, null],
    ['slack', 'slack:C0123ABCDEF', true, null],
    ['slack', 'slack:G0123ABCDEF', true, null],
    ['gchat', 'gchat:spaces/AAQAtJd0Pnw', null, null],
    ['resend', 'resend:ada@example.org', false, 'resend:ada@example.org'],
    ['whatsapp-cloud', 'whatsapp:106540352242922:491701234567', false, 'whatsapp-cloud:491701234567'],
    ['github', 'github:octo-org/octo-repo', true, null],
    ['linear', 'linear:ENG', true, null],
  ])('%s: %s is a group: %s, with at its other end: %s', (type, id, group, counterpart) => {
    expect(isGroupChat(type, id)).toBe(group);
    expect(counterpartOf(type, id)).toBe(counterpart);
  });

  test('a counterpart is a user of that channel, and a group has none', () => {
    const ids = fc.integer({ min: -(2 ** 50), max: 2 ** 50 }).filter((id) => id !== 0);
    fc.assert(
      fc.property(ids, (id) => {
        const stored = normalizePlatformId('telegram', String(id));
        const counterpart = counterpartOf('telegram', stored);
        expect(counterpart === null).toBe(isGroupChat('telegram', stored));
        if (counterpart !== null) expect(counterpart).toBe(`telegram:${id}`);
      }),
    );
  });
});

describe('the packages of channels that are not enabled', () => {
  const barrel = readFileSync('src/channels/index.ts', 'utf8');
  const optional = Object.values(channels).filter(({ type }) => !['cli', 'discord'].includes(type));

  test.each(optional.map((facts) => [facts.type, facts] as const))('%s', (type, facts) => {
    const versions: Record<string, string> = pinned.dependencies;
    expect(versions[facts.package?.name ?? '']).toBe(facts.package?.version);
    const name = type.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    expect(barrel).toContain(`// export { ${name} } from './${type}.js';`);
  });
});
