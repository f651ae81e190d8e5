/** What the host writes into `messages_in.content` and `.sender` (JSON); the runner checks it at its own border. */
export interface StoredAttachment {
  name: string;
  type: string;
  /** Bytes. */
  size: number;
  /** As the container sees it: `/workspace/in/files/…`. */
  path: string;
  /** What was said with it, in an album. */
  caption?: string;
  /** Platform id of the part of an album that it came with, where that is not the first. */
  part?: string;
}

/** What a message answers (channels/adapter.ts); `messageId` is the platform's. */
export interface StoredQuote {
  text: string;
  from: string;
  messageId: string | null;
  partial: boolean;
  attachments: StoredAttachment[];
}

export interface ChatContent {
  text: string;
  /** The chat's name. */
  chat: string;
  event: 'message' | 'reaction' | 'click';
  /** Platform id of the message it answers or reacts to. */
  replyTo: string | null;
  /** The row is about a message of before: these are its new words, or it is gone. `of` is that message's platform id. */
  change?: { kind: 'edited' | 'deleted'; of: string };
  quoted?: StoredQuote;
  forwarded?: { text: string; from: string; at: number | null };
  subject?: {
    kind: string;
    title: string | null;
    url: string | null;
    path: string | null;
    line: number | null;
    text: string | null;
  };
  root?: { text: string; from: string; attachments: StoredAttachment[] };
  /** The album that it is, with the platform ids of the parts that came in time; or, in `late`, belongs to. */
  album?: { id: string; parts: string[]; late: boolean };
  attachments: StoredAttachment[];
  /** What could not be taken along, one sentence each. */
  problems: string[];
  /** When the platform says that it was said, epoch milliseconds. */
  at: number;
}

export interface StoredSender {
  id: string;
  name: string;
  role: 'owner' | 'admin' | 'member' | 'guest';
}

export interface TaskContent {
  prompt: string;
  chat: string;
  /** What becomes of a slot that nobody was there for: the newest of them runs late (`latest`, the default), or none. */
  missed?: 'latest' | 'skip';
  /** When a runner took this run on, epoch milliseconds: what is changed from then on counts for the next one. */
  begunAt?: number;
  /** When the next run is, if it was said while this one was under way. */
  nextAt?: number;
  /** The next run is paused. */
  hold?: boolean;
}

/**
 * `news` rides along with the next turn (trigger 0), or wakes the agent where somebody waits for what it does with it
 * (trigger 1); `new_conversation` makes the runner forget its continuation (trigger 1).
 */
export type SystemContent = { type: 'news'; text: string } | { type: 'new_conversation' };
