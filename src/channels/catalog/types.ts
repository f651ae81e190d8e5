import type { ChannelCapabilities } from '../adapter.js';

/** One line of `.env` that a channel reads. */
export interface CredentialFact {
  name: string;
  /** What a person calls it. */
  label: string;
  /** False: found out through the others, or not needed in every set-up. */
  required: boolean;
  /** Never printed or logged. */
  secret: boolean;
  /** What a plausible value looks like; a slip of the clipboard is caught before the platform is asked. */
  pattern: RegExp;
  /** Where a person finds it, one sentence. */
  where: string;
}

export interface PlatformIdFact {
  /** The form that is stored. */
  pattern: RegExp;
  example: string;
  /** How a person finds it, one sentence. */
  where: string;
  /** Prefixes of earlier versions that `--jid` still takes (`dc` for `dc:…`). */
  aliases: readonly string[];
  /** What a person may give that only the platform can complete (`ChannelAdapter.resolveChat`); null: nothing. */
  partial: RegExp | null;
  /** Whether a stored id names a group; left out where ids do not tell. */
  isGroup?(platformId: string): boolean;
  /** The user id at the other end of a direct message; left out where chat ids do not tell, null for a group. */
  counterpart?(platformId: string): string | null;
  /** The part after the prefix as it is stored, or null where it is no such id. */
  normalizeRest(rest: string): string | null;
}

/** How events arrive: `local` a socket of this machine · `gateway` and `socket` we connect · `polling` we ask · `webhook` they call. */
export type ChannelTransport = 'local' | 'gateway' | 'socket' | 'polling' | 'webhook';

/** Everything that is true of a channel wherever it runs. */
export interface ChannelFacts {
  type: string;
  label: string;
  /** Stored platform ids begin with this and a colon. */
  idPrefix: string;
  /** The npm package that it needs, pinned; null where Wharfie's own dependencies are enough. */
  package: { name: string; version: string } | null;
  transport: ChannelTransport;
  /** Where it depends on which credentials there are; left out: `transport` whatever they are. */
  transportWith?(env: Readonly<Record<string, string | undefined>>): ChannelTransport;
  credentials: readonly CredentialFact[];
  /** Sets of credentials, by their names, of which one is needed as a whole; `required` is false for all in them. */
  oneOf?: readonly (readonly string[])[];
  platformId: PlatformIdFact;
  /** People write Markdown there as in a document: blocks of code end on a line of their own. Left out: as in a chat. */
  writesDocuments?: true;
  /**
   * How a person gets a word, such as a pairing code, to the bot: one sentence, in which `<word>` stands for it and
   * `<bot>` for the bot's name (`howToSend`).
   */
  sayToBot: string;
  /** Links that send the word with one tap: in the bot's own chat, and in a group that the person then chooses. */
  linksToBot?(bot: string, word: string): { direct: string; group: string };
  /** Whether the platform tells a bot that somebody edited a message, or deleted one. */
  tellsEdits: boolean;
  tellsDeletions: boolean;
  capabilities: ChannelCapabilities;
}
