import { mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nextOddSeq } from '../../../container/agent-runner/src/db/messages-out.ts';
import { startHeartbeat } from '../../../container/agent-runner/src/heartbeat.ts';
import { createMailbox } from '../../../container/agent-runner/src/mailbox.ts';
import { pruneFiles } from '../../../container/agent-runner/src/mcp-tools/prune-files.ts';
import { createPathMap } from '../../../container/agent-runner/src/paths.ts';
import { claudeEnvironment } from '../../../container/agent-runner/src/providers/claude/environment.ts';
import { stepsOf } from '../../../container/agent-runner/src/providers/mock/directives.ts';
import { buildSystemPrompt } from '../../../container/agent-runner/src/system-prompt.ts';
import { createFakeClock } from '../../fakes/clock.js';

describe('paths', () => {
  const map = createPathMap({
    '/workspace/out': '/h/out',
    '/workspace/outbound.db': '/h/db/o',
    '/workspace': '/h/w',
  });
  it.each([
    ['/workspace/out/files/a', '/h/out/files/a'],
    ['/workspace/out', '/h/out'],
    ['/workspace/outbound.db', '/h/db/o'],
    ['/workspace/outer', '/h/w/outer'],
    ['/elsewhere', '/elsewhere'],
  ])('%s lies at %s', (inside, outside) => expect(map(inside)).toBe(outside));
  it('are what they are in a container', () =>
    expect(createPathMap(null)('/workspace/out')).toBe('/workspace/out'));
});

it('own numbers are odd, grow, and follow what was read', () => {
  fc.assert(
    fc.property(fc.nat({ max: 1e6 }), fc.nat({ max: 1e6 }), (lastOut, lastIn) => {
      const next = nextOddSeq(lastOut, lastIn);
      expect(next % 2).toBe(1);
      expect(next).toBeGreaterThan(Math.max(lastOut, lastIn));
      expect(next).toBeLessThanOrEqual(Math.max(lastOut, lastIn) + 2);
    }),
  );
});

describe('the mailbox', () => {
  it('keeps a ring that came before the wait, and only one', async () => {
    const clock = createFakeClock();
    const box = createMailbox<string>(clock);
    box.ring();
    box.ring();
    await box.wait(1_000);
    let woken = false;
    const waiting = box.wait(1_000).then(() => {
      woken = true;
    });
    await clock.advance(999);
    expect(woken).toBe(false);
    box.post('a');
    await waiting;
    expect(box.take()).toEqual(['a']);
    expect(box.take()).toEqual([]);
    expect(clock.pending()).toBe(0);
  });
});

describe('files of the container', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'wharfie-small-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('the heartbeat changes every five seconds', async () => {
    const clock = createFakeClock();
    const file = join(dir, '.heartbeat');
    const beat = startHeartbeat(file, clock);
    const first = statSync(file).mtimeMs;
    await clock.advance(5_000);
    expect(statSync(file).mtimeMs).toBe(first + 5_000);
    beat.stop();
    expect(clock.pending()).toBe(0);
  });

  it('files that were sent a week ago are removed', () => {
    const now = Date.UTC(2026, 0, 20);
    for (const [name, days] of [
      ['old', 8],
      ['fresh', 6],
    ] as const) {
      writeFileSync(join(dir, name), '');
      utimesSync(join(dir, name), now / 1000 - days * 86_400, now / 1000 - days * 86_400);
    }
    pruneFiles(dir, now);
    pruneFiles(join(dir, 'nowhere'), now);
    expect(readdirSync(dir)).toEqual(['fresh']);
  });

  it('CLAUDE.md is read up to its bound, and may be anything or nothing', () => {
    writeFileSync(join(dir, 'CLAUDE.md'), `start ${'x'.repeat(100_000)} FINIS`);
    const base = { assistantName: 'Andy\nx', timeZone: 'UTC', destinations: [{ name: 'family' }] };
    const prompt = buildSystemPrompt({ ...base, folders: { global: join(dir, 'none'), agent: dir } });
    expect(prompt).toContain('You are Andy x,');
    expect(prompt).toContain('start xxx');
    expect(prompt).not.toContain('FINIS');
    expect(prompt).toContain('"family"');
    expect(prompt.length).toBeLessThan(36_000);
    const odd = join(dir, 'odd');
    symlinkSync('/dev', odd);
    expect(buildSystemPrompt({ ...base, folders: { global: odd, agent: odd } })).toContain('Andy');
  });
});

it('the program gets one door and no key but a placeholder', () => {
  const given = {
    WHARFIE_SESSION_ID: 's',
    HTTPS_PROXY: 'http://x',
    ANTHROPIC_BASE_URL: 'http://x',
    NODE_OPTIONS: '-r x',
  };
  const env = claudeEnvironment({ ...given, HOME: '/home/node', TZ: undefined }, 'http://127.0.0.1:1');
  expect(env).toMatchObject({ HOME: '/home/node', ANTHROPIC_API_KEY: 'placeholder' });
  for (const name of ['ANTHROPIC_BASE_URL', 'HTTP_PROXY', 'https_proxy'])
    expect(env[name]).toBe('http://127.0.0.1:1');
  for (const name of ['WHARFIE_SESSION_ID', 'NODE_OPTIONS', 'TZ']) expect(env[name]).toBeUndefined();
  expect(claudeEnvironment({ CLAUDE_CODE_OAUTH_TOKEN: 't' }, 'x').ANTHROPIC_API_KEY).toBeUndefined();
});

it('the mock reads directives out of the frame, and leaves context alone', () => {
  const prompt =
    '<system>news</system>\n<context>\n<message id="2">!send no</message>\n</context>\n' +
    '<message id="4" from="A">@Andy !send a &lt;b&gt; ;; !sleep 5\n<file name="x"/></message>\n<task id="6">plain</task>';
  expect(stepsOf(prompt)).toEqual([
    { verb: 'news', rest: 'news' },
    { verb: 'send', rest: 'a <b>' },
    { verb: 'sleep', rest: '5' },
    { verb: 'echo', rest: 'plain' },
  ]);
});
