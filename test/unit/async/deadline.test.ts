import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { within } from '../../../src/async/deadline.js';
import { createFakeClock } from '../../fakes/clock.js';

const untilEnded = (ending: AbortSignal) =>
  new Promise<string>((resolve) => ending.addEventListener('abort', () => resolve('ended')));

it.each([0, 1])('ends with caller %i, and leaves nothing with those that live on', async (which) => {
  const clock = createFakeClock();
  const callers = [new AbortController(), new AbortController()];
  const signals = [...callers.map(({ signal }) => signal), undefined];
  const done = within(clock, 1000, signals, untilEnded);
  callers[which]?.abort();
  expect(await done).toBe('ended');
  for (const { signal } of callers) expect(getEventListeners(signal, 'abort')).toEqual([]);
  expect(clock.pending()).toBe(0);
});

it('ends when its time is over', async () => {
  const clock = createFakeClock();
  const done = within(clock, 1000, undefined, untilEnded);
  await clock.advance(1000);
  expect(await done).toBe('ended');
});
