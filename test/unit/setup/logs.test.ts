import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { logs } from '../../../setup/logs.js';
import { createInstallation } from './harness.js';

type Installation = ReturnType<typeof createInstallation>;

const NOW = Date.now();
const line = (agoMs: number, level: number, msg: string, fields: object = {}) =>
  JSON.stringify({ level, time: NOW - agoMs, ...fields, msg });

function write(at: Installation, ...lines: string[]): void {
  const folder = join(at.home, 'data', 'logs');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'wharfie.log'), lines.join('\n'));
}

describe('logs', () => {
  it('has warnings and errors of a day, the newest first, those of one event together', async () => {
    const at = createInstallation();
    write(
      at,
      '{"level":40,"time":1,"msg":"of a part of the fi',
      line(25 * 3_600_000, 50, 'long ago'),
      line(3000, 40, 'delivery waits', {
        chat: 'telegram:-1001234567890',
        attempts: 1,
        code: 'channel-down',
      }),
      line(2000, 50, 'channel failed', { channel: 'slack' }),
      line(1500, 30, 'message taken in'),
      line(1000, 40, 'delivery waits', {
        chat: 'telegram:-1001234567890',
        attempts: 2,
        code: 'channel-down',
      }),
    );
    const { fields } = await at.run(logs);
    expect(fields).toMatchObject({ STATUS: 'success', LINES: 3, KINDS: 2 });
    expect(fields.LOG).toMatchObject([
      { level: 'warn', count: 2, msg: 'delivery waits', attempts: 2, code: 'channel-down' },
      { level: 'error', count: 1, msg: 'channel failed', channel: 'slack' },
    ]);
    expect((await at.run(logs, ['--level', 'error'])).fields).toMatchObject({ LINES: 1 });
    expect((await at.run(logs, ['--since', '26h'])).fields).toMatchObject({ LINES: 4 });
  });

  it('shows no id and no address of anybody', async () => {
    const at = createInstallation();
    const secret = {
      chat: 'discord:1100000000000000001:1200000000000000002',
      message: 'in_198ede1e3e030ea65eb1',
      from: 4917012345678,
      reason: 'No answer for ada.lovelace@example.org about +49 170 and U012AB3CD.',
      nested: { user: 'whatsapp:491701234567' },
    };
    write(at, line(1, 40, 'told of 1100000000000000001', secret));
    const shown = JSON.stringify((await at.run(logs)).fields.LOG);
    for (const part of ['11000', '12000', '198ede', '491701', 'ada.lovelace', 'U012AB']) {
      expect(shown).not.toContain(part);
    }
    expect(shown).toContain('…@example.org');
    expect(shown).toContain('No answer for');
  });

  it('is empty where no host has run yet, and refuses a time that is none', async () => {
    const at = createInstallation();
    expect((await at.run(logs)).fields).toMatchObject({ STATUS: 'success', LINES: 0, LOG: [] });
    expect((await at.run(logs, ['--since', 'yesterday'])).fields).toMatchObject({ STATUS: 'failed' });
  });
});
