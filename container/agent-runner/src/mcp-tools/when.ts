import { ToolError } from './types.ts';

const DAY = 86_400_000;
const NAIVE = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?$/;
const ZONED = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;

/**
 * Epoch milliseconds of a time that an agent wrote: `2026-11-22T09:05+01:00`, or without an offset in the user's
 * zone. A time that the zone skips (summer time) is as much later as the clock jumps.
 */
export function parseWhen(text: string, timeZone: string): number {
  const trimmed = text.trim();
  const iso = trimmed.replace(' ', 'T');
  if (ZONED.test(trimmed)) return valid(Date.parse(iso), text);
  if (!NAIVE.test(trimmed)) {
    throw new ToolError(
      `${JSON.stringify(text)} is not a time. Write it as 2026-11-22T09:05 or 2026-11-22T09:05+01:00.`,
    );
  }
  const asUtc = valid(Date.parse(`${iso}Z`), text);
  const [before, after] = [offsetAt(asUtc - DAY, timeZone), offsetAt(asUtc + DAY, timeZone)];
  const first = asUtc - before;
  // A time that comes twice is the first one; one that is skipped is counted from before the change.
  const exists = offsetAt(first, timeZone) === before;
  return exists || offsetAt(asUtc - after, timeZone) !== after ? first : asUtc - after;
}

function valid(at: number, text: string): number {
  if (Number.isNaN(at)) throw new ToolError(`${JSON.stringify(text)} is not a time that exists.`);
  return at;
}

/** Milliseconds that the zone is ahead of UTC at an instant. */
function offsetAt(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at);
  const get = (type: string) => Number(parts.find((part) => part.type === type)?.value ?? 0);
  const wall = Date.UTC(get('year'), get('month') - 1, get('day'), get('hour'), get('minute'), get('second'));
  return wall - Math.floor(at / 1000) * 1000;
}
