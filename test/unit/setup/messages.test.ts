import { describe, expect, it } from 'vitest';
import { messages } from '../../../setup/messages.js';
import { listSetAside } from '../../../src/db/central/set-aside.js';
import { createQuarantine } from '../../../src/quarantine/index.js';
import { createFakeClock } from '../../fakes/clock.js';
import { silentLog } from '../../fakes/log.js';
import { createInstallation } from './harness.js';

function setAside(raw: unknown = { words: 'hello' }) {
  const at = createInstallation();
  const db = at.db();
  const clock = createFakeClock();
  const quarantine = createQuarantine({
    ...{ db, clock, log: silentLog, tell: () => {} },
    retake: async () => 'later',
  });
  for (let tries = 0; tries < 3; tries += 1) {
    quarantine.failed(
      {
        ...{ channelType: 'telegram', platformId: 'telegram:7', threadId: '', platformMessageId: '7:1' },
        ...{ senderId: 'telegram:7', saidAt: Date.UTC(2026, 0, 31), raw },
      },
      new Error(`no\n${'x'.repeat(500)}`),
    );
  }
  return { at, db, id: listSetAside(db)[0]?.id ?? '' };
}

describe('messages', () => {
  it('lists what was set aside, without what it says', async () => {
    const { at, id } = setAside();
    const { fields, output } = await at.run(messages, ['--set-aside']);
    expect(fields).toMatchObject({
      COUNT: 1,
      MESSAGES: [
        { id, chat: 'telegram:7', message: '7:1', sender: 'telegram:7', sent: '2026-01-31T00:00:00.000Z' },
      ],
    });
    expect(output).not.toContain('hello');
    expect(output).not.toContain('x'.repeat(101));
  });

  it('stores a retry for the next start of the host', async () => {
    const { at, db, id } = setAside();
    expect((await at.run(messages, ['--retry', id])).fields).toMatchObject({ RESULT: 'asked', ID: id });
    expect(listSetAside(db)[0]?.retryAt).toEqual(expect.any(Number));
  });

  it('does not retry what was not kept', async () => {
    const { at, id } = setAside({ words: 'x'.repeat(70_000) });
    expect(await at.run(messages, ['--retry', id])).toMatchObject({
      exitCode: 1,
      fields: { ERROR: 'message-not-kept', FIX: expect.stringContaining(`--discard ${id}`) },
    });
  });

  it('discards one, once', async () => {
    const { at, db, id } = setAside();
    expect((await at.run(messages, ['--discard', id])).fields).toMatchObject({ RESULT: 'discarded' });
    expect(listSetAside(db)).toEqual([]);
    expect(await at.run(messages, ['--discard', id])).toMatchObject({
      exitCode: 4,
      fields: { ERROR: 'no-such-message' },
    });
  });

  it('lists nothing where nothing is set up', async () => {
    expect((await createInstallation().run(messages, ['--set-aside'])).fields).toMatchObject({ COUNT: 0 });
  });
});
