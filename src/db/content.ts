/** What the host writes into `messages_in.content` and `.sender` (JSON); the runner checks it at its own border. */
export interface StoredAttachment {
  name: string;
  type: string;
  /** Bytes. */
  size: number;
  /** As the container sees it: `/workspace/in/files/…`. */
  path: string;
}

export interface ChatContent {
  text: string;
  /** The chat's name. */
  chat: string;
  event: 'message' | 'reaction' | 'click';
  /** Platform id of the message it answers or reacts to. */
  replyTo: string | null;
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
