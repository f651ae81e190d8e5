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
}

/** `news` rides along with the next turn (trigger 0); `new_conversation` makes the runner forget its continuation (trigger 1). */
export type SystemContent = { type: 'news'; text: string } | { type: 'new_conversation' };
