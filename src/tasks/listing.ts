import type { Address } from '../address.js';
import type { Task } from '../db/inbound/tasks.js';
import { shortHash } from '../ids.js';

/** A task as people see it. */
export interface ListedTask {
  /** Short, and different for each task of the same list. */
  id: string;
  /** What `id` is the beginning of: the task's own id is the agent's choice, and could be another one's. */
  hash: string;
  sessionId: string;
  taskId: string;
  address: Address;
  state: 'active' | 'paused' | 'running';
  /** Epoch milliseconds; null: at once. */
  next: number | null;
  recurrence: string | null;
  /** At most 40 characters on one line. */
  prompt: string;
}

const SHORTEST_ID = 6;
const LONGEST_PROMPT = 40;

/** These tasks with ids that tell them apart. */
export function listed(found: readonly { sessionId: string; task: Task }[]): ListedTask[] {
  const all = found.map(({ sessionId, task }) => ({
    hash: shortHash(`${sessionId} ${task.seriesId}`, 40),
    sessionId,
    taskId: task.seriesId,
    address: task.address,
    state: stateOf(task),
    next: task.processAfter,
    recurrence: task.recurrence,
    prompt: excerpt(task.content.prompt),
  }));
  const sorted = all.map(({ hash }) => hash).sort();
  // Neighbours share the most: what tells those apart tells all of them apart.
  const length = sorted.reduce(
    (longest, hash, index) => Math.max(longest, sharedLength(hash, sorted[index + 1] ?? '') + 1),
    SHORTEST_ID,
  );
  return all.map((task) => ({ ...task, id: task.hash.slice(0, length) }));
}

/** The tasks whose id begins so. */
export function named(tasks: readonly ListedTask[], given: string): ListedTask[] {
  const wanted = given.normalize('NFKC').toLowerCase();
  return /^[0-9a-f]{4,40}$/.test(wanted) ? tasks.filter(({ hash }) => hash.startsWith(wanted)) : [];
}

/** What somebody wrote, for a list: one line, 40 characters, nothing unseen and no formatting of a chat in it. */
export function excerpt(text: string): string {
  const line = text
    .slice(0, 10 * LONGEST_PROMPT)
    .replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replaceAll('://', ': //')
    .replace(/[`*_~|<>[\]@#\\]/g, '·')
    .trim();
  const characters = [...line];
  return characters.length > LONGEST_PROMPT
    ? `${characters
        .slice(0, LONGEST_PROMPT - 1)
        .join('')
        .trimEnd()}…`
    : line;
}

function stateOf({ status, content }: Task): ListedTask['state'] {
  if (content.begunAt !== undefined) return 'running';
  return status === 'paused' ? 'paused' : 'active';
}

function sharedLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

/** `2026-01-16 09:00`, in the user's time zone. */
export function zonedMinute(at: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  return format.format(at);
}
