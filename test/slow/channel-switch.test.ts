import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { channel } from '../../setup/channel.js';
import { listAudit } from '../../src/db/central/audit.js';
import { listEnabledChannels } from '../../src/db/central/enabled-channels.js';
import { createClone } from '../unit/setup/channel/clone.js';
import { createInstallation } from '../unit/setup/harness.js';

const MINUTE = 60_000;

/** An installation whose checkout is a real clone. */
function withClone() {
  const root = createClone();
  const at = createInstallation({ root, env: { PATH: process.env.PATH, HOME: process.env.HOME } });
  const barrel = join(root, 'src', 'channels', 'index.ts');
  return {
    at,
    root,
    barrel: () => readFileSync(barrel, 'utf8'),
    write: (text: string) => writeFileSync(barrel, text),
  };
}

describe('channel --disable and --enable', () => {
  it('comments one line out and in, proves the host each time, and remembers', {
    timeout: 3 * MINUTE,
  }, async () => {
    const { at, barrel, root } = withClone();
    const shipped = barrel();
    const manifest = readFileSync(join(root, 'package.json'), 'utf8');
    const off = await at.run(channel, ['--disable', 'discord']);
    expect(off.fields).toMatchObject({
      STATUS: 'success',
      ENABLED: false,
      TYPE_CHECK: 'passed',
      START: 'passed',
    });
    expect(barrel()).toBe(shipped.replace('export { discord }', '// export { discord }'));
    expect((await at.run(channel, ['--disable', 'discord'])).fields).toMatchObject({ STATUS: 'skipped' });
    const on = await at.run(channel, ['--enable', 'discord']);
    expect(on.fields).toMatchObject({
      STATUS: 'success',
      ENABLED: true,
      PACKAGE: '@chat-adapter/discord@4.41.0',
    });
    expect(barrel()).toBe(shipped);
    expect((await at.run(channel, ['--enable', 'discord'])).fields).toMatchObject({ STATUS: 'skipped' });
    expect(listEnabledChannels(at.db()).map((one) => one.channelType)).toEqual(['discord']);
    expect(listAudit(at.db(), 2).map((entry) => entry.action)).toEqual([
      'channel.enabled',
      'channel.disabled',
    ]);
    // The package belongs to the checkout: neither added nor taken away.
    expect(readFileSync(join(root, 'package.json'), 'utf8')).toBe(manifest);
  });

  it('undoes what does not type-check, and what does not start', { timeout: 3 * MINUTE }, async () => {
    const { at, barrel, write, root } = withClone();
    const off = barrel().replace(/^export/m, '// export');
    write(off);
    const module = join(root, 'src', 'channels', 'discord.ts');
    const sound = readFileSync(module, 'utf8');
    writeFileSync(module, `${sound}\nexport const wrong: number = 'text';\n`);
    expect(await at.run(channel, ['--enable', 'discord'])).toMatchObject({
      exitCode: 1,
      fields: { ERROR: 'type-check-failed', MESSAGE: expect.stringContaining('discord.ts') },
    });
    expect(barrel()).toBe(off);
    writeFileSync(module, `${sound}\nthrow new Error('broken at load');\n`);
    expect(await at.run(channel, ['--enable', 'discord'])).toMatchObject({
      exitCode: 1,
      fields: { ERROR: 'start-failed', MESSAGE: expect.stringContaining('broken at load') },
    });
    expect(barrel()).toBe(off);
    expect(listEnabledChannels(at.db())).toEqual([]);
  });

  it('touches nothing where the barrel is damaged', async () => {
    const { at, barrel, write } = withClone();
    write("import './discord.js';\n");
    expect(await at.run(channel, ['--enable', 'discord'])).toMatchObject({
      exitCode: 2,
      fields: { ERROR: 'barrel-damaged', FIX: expect.stringContaining('git checkout') },
    });
    expect(barrel()).toBe("import './discord.js';\n");
  });
});
