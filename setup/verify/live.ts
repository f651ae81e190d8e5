import { type Clock, sleep } from '../../src/clock.js';
import type { MessagingGroup } from '../../src/db/types.js';
import { shownName } from '../../src/shown-name.js';
import type { HostClient } from './host-client.js';
import type { Finding } from './types.js';

const CONNECT_MS = 30_000;
const LOOK_EVERY_MS = 500;

/** Says a new word in each of these chats, through the platform. */
export async function postToChats(
  host: Pick<HostClient, 'post'>,
  chats: readonly Pick<MessagingGroup, 'channelType' | 'platformId' | 'name'>[],
  nonce: string,
): Promise<{ posted: number; findings: Finding[] }> {
  const findings: Finding[] = [];
  for (const chat of chats) {
    const text = `Wharfie: this chat is connected (${nonce}). Write to me to see that I answer.`;
    const problem = await host.post(chat, text);
    if (!problem) continue;
    const { channelType, platformId, name } = chat;
    const message = `Nothing can be said in ${JSON.stringify(shownName(name))} (${platformId}): ${problem.message}`;
    const fix = problem.fix || `./wharfie channel --auth ${channelType} --check`;
    findings.push({ id: 'live-failed', layer: 'round-trip', severity: 'error', message, fix });
  }
  return { posted: chats.length - findings.length, findings };
}

/** A host that was just started needs a moment to connect. The terminal connects when somebody opens it. */
export async function untilConnected({
  host,
  clock,
}: {
  host: Pick<HostClient, 'channels'>;
  clock: Clock;
}): Promise<void> {
  for (const until = clock.monotonic() + CONNECT_MS; clock.monotonic() < until; ) {
    const states = (await host.channels()) ?? [];
    if (!states.some((one) => one.channelType !== 'cli' && one.state === 'connecting')) return;
    await sleep(clock, LOOK_EVERY_MS);
  }
}
