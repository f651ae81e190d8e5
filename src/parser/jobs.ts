import type { ReadMail } from '../channels/resend/text.js';
import type { TeamsActivity } from '../channels/teams/packets.js';
import type { TeamsWords } from '../channels/teams/words.js';

/** What strangers write in a form that has to be parsed. */
export interface Jobs {
  mail: { input: { text: string; html: string }; output: ReadMail };
  calendar: { input: string; output: string };
  teams: { input: TeamsActivity; output: TeamsWords };
}

export type Read<Name extends keyof Jobs> = (input: Jobs[Name]['input']) => Jobs[Name]['output'];

/** Loaded in the parser process, and only for a channel that is on. */
export const JOBS: { [Name in keyof Jobs]: () => Promise<Read<Name>> } = {
  mail: async () => (await import('../channels/resend/markup.js')).readMail,
  calendar: async () => (await import('../channels/resend/calendar.js')).calendarWords,
  teams: async () => (await import('../channels/teams/words.js')).wordsOf,
};
