import { describe, expect, it } from 'vitest';
import { postToChats } from '../../../../setup/verify/live.js';
import { compareLocks } from '../../../../setup/verify/packages.js';
import { repairAll, report } from '../../../../setup/verify/report.js';
import type { Finding } from '../../../../setup/verify/types.js';

const finding = (id: string, severity: Finding['severity'], repair?: () => void): Finding => ({
  id,
  layer: 'wiring',
  severity,
  message: `${id} is so.`,
  fix: `mend ${id}`,
  ...(repair && { repair }),
});

describe('report', () => {
  it('succeeds with warnings, and fails with the first error', () => {
    expect(report([finding('a', 'warning')], {})).toMatchObject({
      status: 'success',
      fields: { RESULT: 'ready', WARNINGS: 1, ERRORS: 0 },
    });
    const failed = report([finding('a', 'warning'), finding('b', 'error'), finding('c', 'error')], {
      WIRED: 2,
    });
    expect(failed).toMatchObject({
      status: 'failed',
      error: 'not-ready',
      fix: 'mend b',
      fields: { WIRED: 2 },
    });
    expect(failed.fields?.FINDINGS).toMatchObject([{ id: 'b' }, { id: 'c' }, { id: 'a' }]);
  });
});

describe('repairAll', () => {
  it('does what can be repaired, once each, and leaves the rest', async () => {
    const done: string[] = [];
    const all = [finding('a', 'error', () => void done.push('a')), finding('b', 'error')];
    expect(await repairAll(all)).toMatchObject({ fixed: ['a'], left: [{ id: 'b' }] });
    expect(done).toEqual(['a']);
  });
});

describe('compareLocks', () => {
  const lock = (packages: Record<string, object>) => ({ packages });

  it('names another version and a missing package, and lets development packages be left out', () => {
    const wanted = lock({
      '': { version: '0.1.0' },
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { version: '2.0.0' },
      'node_modules/b/node_modules/@x/c': { version: '3.0.0' },
      'node_modules/dev': { version: '1.0.0', dev: true },
    });
    const found = lock({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '1.9.0' } });
    expect(compareLocks(wanted, found)).toEqual([
      { name: 'b', wanted: '2.0.0', found: '1.9.0' },
      { name: '@x/c', wanted: '3.0.0', found: null },
    ]);
    expect(compareLocks(wanted, wanted)).toEqual([]);
  });
});

describe('postToChats', () => {
  it('names each chat in which nothing can be said, with what the platform says to do', async () => {
    const posted: string[] = [];
    const host = {
      async post({ platformId }: { platformId: string }, text: string) {
        posted.push(text);
        return platformId.endsWith(':2') ? { code: 'x', message: 'forbidden', fix: 'invite the bot' } : null;
      },
    };
    const chat = (id: string) => ({
      channelType: 'discord',
      platformId: `discord:1:${id}`,
      name: `chat ${id}`,
    });
    const result = await postToChats(host, [chat('1'), chat('2')], 'check-1');
    expect(result).toMatchObject({ posted: 1, findings: [{ id: 'live-failed', fix: 'invite the bot' }] });
    expect(result.findings[0]?.message).toContain('discord:1:2');
    expect(posted.every((text) => text.includes('check-1'))).toBe(true);
  });
});
