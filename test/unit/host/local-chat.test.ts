import { expect, it } from 'vitest';
import { missingForClaude } from '../../../src/host/local-chat.js';
import { createFakeClock } from '../../fakes/clock.js';

it('an engine that hangs counts as missing', async () => {
  const clock = createFakeClock();
  const engine = { check: () => new Promise<void>(() => {}) };
  const missing = missingForClaude({ engine, credentials: { missing: () => null }, clock });
  await clock.advance(3000);
  expect(await missing).toEqual([
    { message: expect.stringContaining('does not answer'), fix: expect.stringContaining('docker') },
  ]);
});
