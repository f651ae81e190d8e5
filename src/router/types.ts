import type { InboundEvent } from '../channels/adapter.js';
import type { Clock } from '../clock.js';
import type { ContainerRunner } from '../container-runner.js';
import type { CrashPoint } from '../crash-point.js';
import type { DropReason } from '../db/central/dropped-messages.js';
import type { CentralDb } from '../db/central/index.js';
import type { WiredAgent } from '../db/central/wirings.js';
import type { StoredSender } from '../db/content.js';
import type { MessagingGroup } from '../db/types.js';
import { WharfieError } from '../errors.js';
import type { AttachmentStore } from '../files/attachments.js';
import type { Log } from '../log/index.js';
import type { StageWatch } from '../metrics/index.js';
import type { Pairings } from '../people/pairing.js';
import type { Quarantine } from '../quarantine/index.js';
import type { SessionManager } from '../session-manager.js';
import type { HostVoice, Sentence } from '../voice/index.js';

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

/** What is asked of people in chats. */
export interface AnswerTaker {
  /**
   * Takes an event for the answer to a question or an approval, if it is one, of somebody whom an agent hears in that chat.
   * What comes late, or second, gets a reply. Rejects when it must be delivered again.
   */
  take(event: InboundEvent, hearing: readonly EngagedWiring[]): Promise<Taken>;
}

/** Null: it is no answer. `refused`: it is not for this person to give; `text` says who may. */
export type Taken = RouteOutcome | { kind: 'refused'; text: Sentence } | null;

export interface RouterDeps {
  db: CentralDb;
  clock: Clock;
  log: Log;
  crashPoint: CrashPoint;
  sessionManager: Pick<SessionManager, 'resolve' | 'find' | 'paths' | 'read' | 'write' | 'refreshRouting'>;
  attachments: AttachmentStore;
  containerRunner: Pick<ContainerRunner, 'wake' | 'isUp'>;
  commands: CommandHandler;
  asks: AnswerTaker;
  pairings: Pick<Pairings, 'recognises' | 'redeem'>;
  quarantine: Pick<Quarantine, 'failed' | 'through'>;
  stages: Pick<StageWatch, 'committed'>;
  voice: Pick<HostVoice, 'now' | 'trouble' | 'refused'>;
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
  /** The id of the held message that it is. */
  held?: string;
}
