import { describe, expect, it } from 'vitest';
import { withoutOverruled } from '../../../../setup/lib/env-edit.js';
import { judgeProxies } from '../../../../setup/verify/proxies.js';
import { whyUnsayable } from '../../../../setup/verify/triggers.js';
import { channels } from '../../../../src/channels/catalog/index.js';
import { systemClock } from '../../../../src/clock.js';
import { matchesPattern } from '../../../../src/engage.js';
import { bypasses } from '../../../../src/network/index.js';

describe('a trigger', () => {
  it.each(['@Andy', 'andy', '/ask', 'hey you', '안디', 'c++', '?', 'ca$h'])('%j can be said', (word) => {
    expect(whyUnsayable(word, 'telegram')).toBeNull();
    expect(matchesPattern(word, `${word} what is new`)).toBe(true);
  });

  it.each(['@Andy ', ' @Andy', '  ', '\u00a0', '^@Andy\\b', '/andy/i', '(?i)andy', 'an.*dy', 'two\nlines'])(
    '%j cannot',
    (word) => {
      expect(whyUnsayable(word, 'telegram')).not.toBeNull();
      expect(matchesPattern(word, '@Andy what is new')).toBe(false);
    },
  );

  it('is kept by Slack where it begins as a command of Slack does', () => {
    expect(whyUnsayable('/ask', 'slack')).toMatch(/Slack/);
  });
});

describe('a line of .env that a later one overrules', () => {
  it.each([
    ['A=1\nB=2\nA=3\n', 'B=2\nA=3\n', ['A']],
    ['export A=1\r\nA=2\r\n', 'A=2\r\n', ['A']],
    ['A=\nA=2\n', 'A=\nA=2\n', []],
    ['A=2\nA="2"\n', 'A=2\nA="2"\n', []],
    ['# A=1\nA=2\n', '# A=1\nA=2\n', []],
    ['A="one\nB=x"\nB=2\n', 'A="one\nB=x"\nB=2\n', []],
  ])('%j', (text, left, names) => {
    expect(withoutOverruled(text)).toEqual({ text: left, names });
  });
});

describe('a proxy', () => {
  const asked = { file: {}, clock: systemClock, offline: true, model: null };

  it('is asked about every channel that talks to a platform', async () => {
    const enabled = Object.values(channels).flatMap((one) => (one.transport === 'local' ? [] : one.type));
    const environment = { HTTPS_PROXY: 'socks5://ada:secret@127.0.0.1:1' };
    const { keptAway, findings } = await judgeProxies({ ...asked, enabled, environment });
    expect([...keptAway].sort()).toEqual([...enabled].sort());
    expect(findings).toHaveLength(1);
    expect(JSON.stringify(findings)).not.toMatch(/ada|secret/);
  });

  it('is not asked about what goes by none', async () => {
    const environment = { HTTPS_PROXY: 'none', NO_PROXY: 'example.org, .Discord.com' };
    const { findings } = await judgeProxies({ ...asked, enabled: ['discord'], environment });
    expect(findings).toEqual([]);
  });

  it.each([
    ['127.0.0.1', '', true],
    ['api.example.org', 'example.org', true],
    ['api.example.org', '*.example.org:443', true],
    ['api.example.org', '*', true],
    ['badexample.org', 'example.org', false],
    ['example.org', '', false],
  ])('goes by none to %s where NO_PROXY is %j: %s', (host, noProxy, by) => {
    expect(bypasses(host, noProxy)).toBe(by);
  });
});
