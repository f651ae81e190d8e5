import type { Clock } from '../clock.js';
import type { ContainerRunner } from '../container-runner.js';
import type { CentralDb } from '../db/central.js';
import type { NewQuestion } from '../db/questions.js';
import type { Delivery } from '../delivery/types.js';
import type { Log } from '../log.js';
import type { AnswerTaker } from '../router/types.js';
import type { SessionManager } from '../session-manager.js';

export interface Asked
  extends Pick<NewQuestion, 'sessionId' | 'messageKey' | 'questionId' | 'to' | 'question' | 'options'> {
  /** How long the agent wants to wait, milliseconds; undefined: it did not say. */
  timeoutMs: number | undefined;
}

/** What agents ask in chats, and the answers on their way back (they outlive every process that is involved). */
export interface Questions extends AnswerTaker {
  /** A container asks; before its row is recorded, so that no answer can come too early. Again changes nothing. */
  asked(question: Asked): void;
  /** Ends what nobody answered in time; a bounded number at a time. Never rejects. */
  expire(): Promise<void>;
}

export interface QuestionsDeps {
  db: CentralDb;
  clock: Clock;
  log: Log;
  sessions: Pick<SessionManager, 'read' | 'write'>;
  containers: Pick<ContainerRunner, 'wake'>;
  notice: Delivery['notice'];
}
