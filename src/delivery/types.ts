import type { ActionRegistry } from '../actions/types.js';
import type { Address } from '../address.js';
import type { Asks } from '../asks/index.js';
import type { ChannelAdapter } from '../channels/adapter.js';
import type { Clock, Random } from '../clock.js';
import type { ContainerRunner } from '../container-runner.js';
import type { CrashPoint } from '../crash-point.js';
import type { CentralDb } from '../db/central/index.js';
import type { DedupeKey } from '../db/inbound/notices.js';
import { WharfieError } from '../errors.js';
import type { Log } from '../log/index.js';
import type { StageWatch } from '../metrics/index.js';
import type { OutboundReader } from '../outbound-reader/types.js';
import type { SessionManager } from '../session-manager.js';
import type { Tasks } from '../tasks/index.js';
import type { HostVoice } from '../voice/index.js';

export interface DeliveryDeps {
  central: CentralDb;
  sessions: Pick<SessionManager, 'get' | 'paths' | 'read' | 'write'>;
  reader: Pick<OutboundReader, 'read'>;
  /** The channel registry; undefined: not enabled (any more), which is "not yet". */
  channels: { get(channelType: string): ChannelAdapter | undefined };
  containers: Pick<ContainerRunner, 'wake' | 'incarnation' | 'recover' | 'stop'>;
  actions: ActionRegistry;
  tasks: Pick<Tasks, 'begun' | 'settled'>;
  asks: Pick<Asks, 'asked'>;
  stages: Pick<StageWatch, 'sent'>;
  /** `readFileNoFollow` of files/no-follow.ts. */
  readFile(root: string, path: string, limits: { maxBytes: number }): Promise<Buffer>;
  /** Tells the owner in the main chat that something may not have arrived. Must not throw. */
  tellOwner?: HostVoice['owner'];
  clock: Clock;
  random: Random;
  log: Log;
  crashPoint: CrashPoint;
}

/** Something the host itself has to say in a conversation. */
export interface NoticeRequest {
  to: Address;
  text: string;
  /** In this session. */
  dedupeKey: DedupeKey;
  /** What it is about, for the log. */
  code: string;
}

export interface Delivery {
  /**
   * Reads what the session's container wrote and resolves when rows and acks are recorded in inbound.db; sending goes
   * on by itself. What cannot be read now is read later. Never rejects. Calls that come together share one reading,
   * but never one that began before them. False: something may be left that is read later.
   */
  drain(sessionId: string): Promise<boolean>;
  /** Resolves when the notice is durable, true if it will be said (false: it was before). Rejects with SessionError. */
  notice(sessionId: string, notice: NoticeRequest): Promise<boolean>;
  /** The channel is connected (again): what waits for it is tried at once. */
  channelConnected(channelType: string): void;
  /** `/again`: sends once more what may not have arrived in this chat and thread. Resolves with how many parts. */
  again(sessionId: string, to: Address): Promise<number>;
  /** Sends a dead or unknown message once more; false: there is nothing to send. */
  retry(sessionId: string, key: string): Promise<boolean>;
  /** Takes a dead or unknown message off the list. */
  discard(sessionId: string, key: string): Promise<boolean>;
  /** Starts nothing more, waits at most `graceMs` for what is under way. The rest is settled after the next start. */
  stop(graceMs: number): Promise<void>;
}

/** Code: `delivery-stopped`. */
export class DeliveryError extends WharfieError {}
