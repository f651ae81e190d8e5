import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { withSetupLock } from '../../../../setup/lib/setup-lock.js';
import { timezone } from '../../../../setup/timezone.js';
import { createFakeClock } from '../../../fakes/clock.js';
import { createInstallation } from '../harness.js';

describe('the setup lock', () => {
  it('lets the second wait for the first', async () => {
    const { paths } = createInstallation();
    const clock = createFakeClock();
    const order: string[] = [];
    let finish = () => {};
    const first = withSetupLock(paths.data, clock, async () => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      order.push('first');
    });
    const second = withSetupLock(paths.data, clock, () => void order.push('second'));
    await clock.advance(1000);
    expect(order).toEqual([]);
    finish();
    await first;
    await clock.advance(100);
    await second;
    expect(order).toEqual(['first', 'second']);
  });

  it('is given up after five seconds, and .env stays as it is', async () => {
    const at = createInstallation();
    at.writeEnv('TZ=UTC\n');
    mkdirSync(at.paths.data);
    const holder = new Database(join(at.paths.data, 'setup.lock'));
    holder.exec('BEGIN EXCLUSIVE');
    const clock = createFakeClock();
    const run = at.run(timezone, ['--tz', 'Europe/Berlin'], { clock });
    await clock.advance(6000);
    expect(await run).toMatchObject({ exitCode: 2, fields: { ERROR: 'setup-busy' } });
    expect(at.readEnv()).toBe('TZ=UTC\n');
    holder.close();
  });
});
