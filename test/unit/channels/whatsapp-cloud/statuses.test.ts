import { describe, expect, test } from 'vitest';
import { createStatuses } from '../../../../src/channels/whatsapp-cloud/statuses.js';
import { createFakeClock } from '../../../fakes/clock.js';
import { createMemoryLog } from '../../../fakes/log.js';

function setUp() {
  const clock = createFakeClock();
  const { log, lines } = createMemoryLog();
  const ending = new AbortController();
  const statuses = createStatuses({ clock, log, signal: ending.signal });
  const failed = (id: string) => statuses.take({ id, status: 'failed', errors: [{ code: 131047 }] });
  const sent = (id: string) => statuses.take({ id, status: 'sent', errors: [] });
  return { clock, lines, ending, statuses, failed, sent };
}

describe('a send that waits for its status', () => {
  test('goes on with it, before or after it began to wait', async () => {
    const { statuses, sent, clock } = setUp();
    sent('early');
    await statuses.settled('early', undefined);
    const late = statuses.settled('late', undefined);
    sent('late');
    await late;
    expect(clock.pending()).toBe(0);
  });

  test('fails where it failed, before or after it began to wait', async () => {
    const { statuses, failed } = setUp();
    failed('early');
    await expect(statuses.settled('early', undefined)).rejects.toMatchObject({
      code: 'whatsapp-window-closed',
    });
    const late = statuses.settled('late', undefined);
    failed('late');
    await expect(late).rejects.toMatchObject({ errorClass: 'permanent' });
  });

  test('goes on after some seconds; the next ones do not wait until a status has come', async () => {
    const { statuses, clock, sent } = setUp();
    const first = statuses.settled('one', undefined);
    expect(clock.pending()).toBe(1);
    await clock.advance(3000);
    await first;
    await statuses.settled('two', undefined);
    expect(clock.pending()).toBe(0);
    sent('two');
    const third = statuses.settled('three', undefined);
    expect(clock.pending()).toBe(1);
    sent('three');
    await third;
  });

  test('ends with the channel, which says nothing about the webhook', async () => {
    const { statuses, ending, clock } = setUp();
    const waiting = statuses.settled('one', undefined);
    ending.abort();
    await waiting;
    expect(clock.pending()).toBe(0);
  });
});

test('what fails later is a warning without words', () => {
  const { failed, lines } = setUp();
  failed('wamid.1');
  expect(lines).toMatchObject([{ message: 'wamid.1', code: 'whatsapp-window-closed' }]);
});
