import type { InboundEvent } from '../channels/adapter.js';
import type { Clock } from '../clock.js';
import type { ContainerRunner } from '../container-runner.js';
import type { CrashPoint } from '../crash-point.js';
import type { CentralDb } from '../db/central.js';
import type { StoredSender } from '../db/content.js';
import type { DropReason } from '../db/dropped-messages.js';
import type { Address, MessagingGroup } from '../db/types.js';
import type { WiredAgent } from '../db/wirings.js';
import { WharfieError } from '../errors.js';
import type { AttachmentStore } from '../files/attachments.js';
import type { Log } from '../log.js';
import type { Pairings } from '../pairing.js';
import type { SessionManager } from '../session-manager.js';
import type { StageWatch } from '../stage-times.js';

/**
 * Codes: `intake-failed` (some wiring could not take the event: deliver it again), `intake-stuck` (the same of a held
 * message, by the fault of a wiring alone), `host-stopping`.
 */
export class RouterError extends WharfieError {}

/** A wiring that the event wakes, with what its sender may do there. */
export interface EngagedWiring extends WiredAgent {
  messagingGroup: MessagingGroup;
  role: StoredSender['role'];
}

/** What the host answers itself. */
export interface CommandHandler {
  /** True: it was a chat command and is settled. Rejects when it must be delivered again. */
  handle(event: InboundEvent, engaged: readonly EngagedWiring[]): Promise<boolean>;
}

/** What agents have asked in chats. */
export interface AnswerTaker {
  /**
   * Takes an event for the answer to a question, if it is one: whoever is heard in the chat by the agent that asked may
   * give it. What comes late, or second, gets a reply. Null: it is none. Rejects when it must be delivered again.
   */
  take(event: InboundEvent, hearing: readonly EngagedWiring[]): Promise<RouteOutcome | null>;
}

export interface RouterDeps {
  db: CentralDb;
  clock: Clock;
  log: Log;
  crashPoint: CrashPoint;
  sessionManager: Pick<SessionManager, 'resolve' | 'paths' | 'read' | 'write' | 'refreshRouting'>;
  attachments: AttachmentStore;
  containerRunner: Pick<ContainerRunner, 'wake'>;
  commands: CommandHandler;
  questions: AnswerTaker;
  pairings: Pick<Pairings, 'recognises' | 'redeem'>;
  stages: Pick<StageWatch, 'committed'>;
  /** Says something short at once and outside any session: to chats and people that no agent serves. */
  say: (to: Address, text: string) => Promise<void>;
}

export type RouteOutcome =
  /** Durable in these sessions; `woken` are those that work on it now. */
  | { kind: 'routed'; woken: string[]; context: string[] }
  /** Taken in before: nothing has changed. */
  | { kind: 'duplicate' }
  | { kind: 'command' }
  | { kind: 'paired'; platformId: string }
  /** Kept until the chat is registered, or until an agent of it can take messages in again. */
  | { kind: 'held' }
  | { kind: 'dropped'; reason: DropReason | 'own' };

/** An event on its way, with what has to be said about it besides. */
export interface Intake {
  event: InboundEvent;
  /** Sentences for the agent: what could not be kept of a message that waited. */
  problems: string[];
  /** When it reached the router, epoch milliseconds. */
  receivedAt: number;
  /** It is among the held messages. */
  held?: true;
}
