import type { Address } from '../address.js';
import type { DedupeKey } from '../db/inbound/notices.js';
import type { Sentence } from './sentences.js';

export interface DurableNotice {
  to: Address;
  text: Sentence;
  /** In this session. */
  dedupeKey: DedupeKey;
  /** What it is about, for the log. */
  code: string;
}

/** A reply in some chat did not arrive, or nobody knows whether it did. */
export interface OwnerNews {
  sessionId: string;
  to: Address;
  state: 'dead' | 'unknown';
  dedupeKey: DedupeKey;
}

/** The host speaks: durably in a session, or at once outside any. Inside a transaction, `noticeAt`. */
export interface HostVoice {
  /**
   * A notice: it goes through the ledger, in order, exactly once, also over a restart. Resolves when it is on disk, true
   * if it will be said (false: it was before).
   */
  durable(sessionId: string, notice: DurableNotice): Promise<boolean>;
  /**
   * Said at once and outside any session, to chats and people that no agent serves. Nothing is kept: a failure is logged.
   * Never rejects and is never waited for: the platform's acknowledgement does not hang on it.
   */
  now(to: Address, text: Sentence): void;
  /** `now`, for the same trouble of the same chat at most once an hour. */
  trouble(to: Address, code: string, text: Sentence): void;
  /** `now`, to somebody who is not let in: twice in a lifetime. False: not said. */
  refused(to: Address, senderId: string, text: Sentence): boolean;
  /** `durable`, in the main group's chat. Never throws. */
  owner(news: OwnerNews): void;
  /** What a step of the operator wants said. Rejects with a ChannelError. */
  post(to: Address, text: string): Promise<void>;
}
