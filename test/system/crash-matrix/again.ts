import { eventually } from '../eventually.js';
import type { Platform } from '../platforms/types.js';
import type { Place } from './places.js';
import type { Stage } from './stage.js';

const AGAIN = { text: '/again', sends: [], replies: [] };

/** Where nobody knows what has arrived the chat was told what to do: a person who misses something does it. */
export async function askAgain(stage: Stage<Platform>, place: Place): Promise<void> {
  await eventually(() => place.said().some((text) => text.includes('/again')), 'the notice');
  if (place.tally().lost === 0) return;
  place.ask(AGAIN);
  await eventually(() => place.tally().lost === 0, 'what /again sends').catch(() => {});
  await stage.settled();
}

/** Brings everything to its end and stops the host. All but `lost` and `answered` are from before anybody asked again. */
export async function finish(
  stage: Stage<Platform>,
  place: Place,
  stop: () => Promise<unknown>,
): Promise<ReturnType<Stage['tally']>> {
  await stage.settled();
  const before = stage.tally();
  if (before.unknown > 0) await askAgain(stage, place);
  await stop();
  const { lost, answered, open } = stage.tally();
  return { ...before, lost, answered, open };
}
