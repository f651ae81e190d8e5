import type { Status } from '../../src/host/status.js';
import type { Finding } from './types.js';

export interface BacklogFacts
  extends Pick<Status, 'troubled' | 'unreadable' | 'staleClaims' | 'setAside' | 'givingUp'> {
  /** The age of the oldest message that waits for an agent, milliseconds; null: none waits. */
  oldestWaitingMs: number | null;
}

const LIST = (state: string) => `./wharfie deliveries --list --state ${state}`;
/** A turn may take long, but is a rare one then. */
const LONGEST_WAIT_MS = 30 * 60_000;

export function judgeBacklog(facts: BacklogFacts): Finding[] {
  const { troubled, unreadable, staleClaims, setAside, givingUp, oldestWaitingMs } = facts;
  const found: Finding[] = [];
  const say = (id: string, message: string, fix: string) =>
    found.push({ id, layer: 'backlog', severity: 'warning', message, fix });
  const count = (state: string) => troubled.filter((one) => one.state === state).length;
  if (count('dead') > 0)
    say('deliveries-dead', `${count('dead')} messages to chats were given up.`, LIST('dead'));
  if (count('unknown') > 0) {
    say('deliveries-unknown', `${count('unknown')} messages to chats may not have arrived.`, LIST('unknown'));
  }
  if (count('late') > 0) say('deliveries-late', `${count('late')} messages to chats are late.`, LIST('late'));
  for (const folder of givingUp ?? []) {
    const message = `The agent ${folder} gave a message up after its tries, and has answered nothing since: it ended each time, as where it has too little memory.`;
    const fix = `./wharfie group --folder "${folder}" --memory 4g, then write in its chat again (./wharfie container tests the agent's image)`;
    say('messages-given-up', message, fix);
  }
  if (setAside > 0) {
    const message = `${setAside} messages could not be read and were set aside.`;
    const retry = 'then retry each with --retry <id>, or drop it with --discard <id>';
    say('messages-set-aside', message, `./wharfie messages --set-aside, ${retry}`);
  }
  if (oldestWaitingMs !== null && oldestWaitingMs > LONGEST_WAIT_MS) {
    const message = `A message has waited for an agent for ${Math.round(oldestWaitingMs / 60_000)} minutes.`;
    say('messages-waiting', message, './wharfie status, and the end of data/logs/wharfie.log');
  }
  if (staleClaims.length > 0) {
    const message = `${staleClaims.length} agents are down as at work, and have given no sign of life for minutes: ${staleClaims.slice(0, 3).join(', ')}.`;
    say('claims-stale', message, './wharfie service (which starts the host anew, and it them)');
  }
  if (unreadable.length > 0) {
    const message = `The files of ${unreadable.length} conversations cannot be read now: ${unreadable.slice(0, 3).join(', ')}.`;
    say(
      'session-unreadable',
      message,
      './wharfie service (the host repairs what a crash left; else restore them from a backup)',
    );
  }
  return found;
}
