import type { Clock } from '../clock.js';

export interface BotGuard {
  /** A person spoke: bots may answer each other anew. */
  person(chatId: string): void;
  /** May a bot's message start a turn of this wiring? Counts it if so. */
  allow(chatId: string, wiringId: string): boolean;
}

const MAX_TURNS = 6;
const WINDOW_MS = 600_000;

/** Two bots in one chat: at most 6 turns in 10 minutes without a person. */
export function createBotGuard(clock: Clock): BotGuard {
  const chats = new Map<string, Map<string, number[]>>();
  return {
    person: (chatId) => void chats.delete(chatId),
    allow(chatId, wiringId) {
      const now = clock.monotonic();
      const wirings = chats.get(chatId) ?? new Map<string, number[]>();
      const turns = (wirings.get(wiringId) ?? []).filter((at) => now - at < WINDOW_MS);
      const allowed = turns.length < MAX_TURNS;
      if (allowed) turns.push(now);
      wirings.set(wiringId, turns);
      chats.set(chatId, wirings);
      return allowed;
    },
  };
}
