import type { Clock } from '../clock.js';
import type { ContainerRunner } from '../container-runner.js';
import type { StoredSender } from '../db/content.js';
import type { Address, AgentGroup, MessagingGroup, Session } from '../db/types.js';
import type { Delivery } from '../delivery/types.js';
import type { Log } from '../log.js';
import type { OutboundReader } from '../outbound-reader/types.js';
import type { SessionManager } from '../session-manager.js';
import type { StageWatch } from '../stage-times.js';
import type { Tasks } from '../tasks.js';

export interface CommandDeps {
  sessions: Pick<SessionManager, 'resolve' | 'paths' | 'read' | 'write'>;
  containers: Pick<ContainerRunner, 'wake' | 'isUp' | 'stop' | 'snapshot'>;
  delivery: Pick<Delivery, 'notice' | 'again'>;
  reader: Pick<OutboundReader, 'read'>;
  tasks: Pick<Tasks, 'settled'>;
  stages: Pick<StageWatch, 'last'>;
  clock: Clock;
  log: Log;
}

/** One of the agents that a command is for. */
export interface CommandTarget {
  session: Session;
  agentGroup: AgentGroup;
  messagingGroup: MessagingGroup;
  role: StoredSender['role'];
}

export interface CommandCall {
  /** Chat and thread in which it was said. */
  to: Address;
  /** The platform's id of the message. */
  eventId: string;
}

export interface Command {
  mayUse(target: CommandTarget): boolean;
  /** Gives what to answer; null: nothing. Harmless when called twice for the same event. */
  run(target: CommandTarget, call: CommandCall, deps: CommandDeps): Promise<string | null>;
}

/** Whoever is heard in a chat may use it. */
export const everybody = (): boolean => true;
