import { factsOf } from '../../src/channels/catalog/index.js';
import type { ChannelState, ChatAnswer } from '../../src/channels/cli/protocol.js';
import { quoted } from '../../src/people/registration/command.js';
import { shownName } from '../../src/shown-name.js';
import type { Finding } from './types.js';

interface Chat {
  channelType: string;
  platformId: string;
  name: string;
}

export interface ChatsFacts {
  /** What their platforms know of the wired chats that were asked about. */
  asked: { chat: Chat; answer: ChatAnswer }[];
  /** How many more there are, by channel. */
  rest: Record<string, number>;
}

/** A platform bounds how often it is asked, and a person how long he waits. */
const MOST = 50;

/** Asks through the host whether each wired chat is there and has the bot in it; the newest first, of connected channels. */
export async function gatherChats(
  chats: readonly Chat[],
  health: readonly ChannelState[],
  ask: (chat: Chat) => Promise<ChatAnswer>,
): Promise<ChatsFacts> {
  // Of the others it is known why nothing can be asked.
  const up = chats.filter((chat) =>
    health.some((one) => one.channelType === chat.channelType && one.state === 'connected'),
  );
  const asked: ChatsFacts['asked'] = [];
  for (const chat of up.slice(0, MOST)) asked.push({ chat, answer: await ask(chat) });
  const rest: ChatsFacts['rest'] = {};
  for (const { channelType } of up.slice(MOST)) rest[channelType] = (rest[channelType] ?? 0) + 1;
  return { asked, rest };
}

export function judgeChats({ asked, rest }: ChatsFacts): Finding[] {
  const found: Finding[] = [];
  const layer = 'channels';
  for (const { chat, answer } of asked) {
    if (answer.state !== 'not-found') continue;
    const name = JSON.stringify(shownName(chat.name));
    const message = `${factsOf(chat.channelType).label} knows no chat ${name} (${chat.platformId}) for this bot: it was deleted, or the bot is not in it any more.`;
    const fix = `./wharfie unregister --platform-id ${quoted(chat.platformId)} (or let the bot into that chat again)`;
    found.push({ id: 'chat-not-found', layer, severity: 'error', message, fix });
  }
  const silent = asked.flatMap(({ chat, answer }) =>
    answer.state === 'not-asked' ? [{ type: chat.channelType, why: answer.why }] : [],
  );
  for (const type of new Set([...silent.map((one) => one.type), ...Object.keys(rest)])) {
    const ofType = silent.filter((one) => one.type === type);
    const more = rest[type] ?? 0;
    const why = ofType[0]
      ? `${ofType[0].why.replace(/\.$/, '')}`
      : `no more than ${MOST} are asked about in one run`;
    const message = `Whether ${ofType.length + more} chats of ${factsOf(type).label} are there was not found out: ${why}.`;
    const fix = `./wharfie verify --live --channel ${type} (which says a word in each of them)`;
    found.push({ id: 'chat-not-asked', layer, severity: 'warning', message, fix });
  }
  return found;
}
