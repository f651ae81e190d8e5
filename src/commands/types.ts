import type { Address } from '../address.js';
import type { Clock } from '../clock.js';
import type { ContainerRunner } from '../container-runner.js';
import type { CentralDb } from '../db/central/index.js';
import type { StoredSender } from '../db/content.js';
import type { AgentGroup, MessagingGroup, Session } from '../db/types.js';
import type { Delivery } from '../delivery/types.js';
import type { Log } from '../log/index.js';
import type { StageWatch } from '../metrics/index.js';
import type { OutboundReader } from '../outbound-reader/types.js';
import type { SessionManager } from '../session-manager.js';
import type { TaskControl } from '../tasks/control.js';
import type { Tasks } from '../tasks/index.js';
import type { HostVoice, Sentence } from '../voice/index.js';

export interface CommandDeps {
  sessions: Pick<SessionManager, 'resolve' | 'paths' | 'read' | 'write'>;
  containers: Pick<ContainerRunner, 'wake' | 'isUp' | 'stop' | 'snapshot'>;
  delivery: Pick<Delivery, 'again'>;
  voice: Pick<HostVoice, 'durable'>;
  reader: Pick<OutboundReader, 'read'>;
  tasks: Pick<Tasks, 'settled'>;
  taskControl: TaskControl;
  db: CentralDb;
  timeZone: string;
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
  /** Whose word it is. */
  senderId: string;
  /** What was said behind the command's name. */
  args: readonly string[];
}

export interface Command {
  /** Owners and admins alone; left out: whoever is heard in a chat may use it, and a guest only for what is his own. */
  mayUse?(target: CommandTarget): boolean;
  /** Gives what to answer; null: nothing. Harmless when called twice for the same event. */
  run(target: CommandTarget, call: CommandCall, deps: CommandDeps): Promise<Sentence | null>;
}
