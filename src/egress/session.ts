import type { TokenBucket, UsageWindow } from '../async/rate-limit.js';
import type { Clock } from '../clock.js';
import type { CredentialProvider, EgressGateway } from '../credentials/types.js';
import type { Log } from '../log/index.js';
import type { DenialRecorder } from './denials.js';
import type { EgressLimits } from './limits.js';
import type { Network } from './network.js';
import type { Destination } from './policy.js';
import type { UpstreamClient } from './upstream.js';

export type SessionConfig = Parameters<EgressGateway['open']>[0];

/** What one door needs to answer: whose it is (the latest `open` counts) and what it has in flight. */
export interface EgressSession {
  config: SessionConfig;
  modelRequests: number;
  readonly bodies: { held: number; readonly max: number };
  tunnels: number;
  /** Those that stand, and how each is ended. */
  readonly openTunnels: Set<{ destination: Destination; cut(): void }>;
  /** Requests of any kind. */
  readonly pace: TokenBucket;
  /** Bytes through its tunnels, both ways, in an hour. */
  readonly tunnelBytes: UsageWindow;
}

/** What all doors share. */
export interface Egress {
  credentials: CredentialProvider;
  upstream: UpstreamClient;
  network: Network;
  denials: DenialRecorder;
  limits: EgressLimits;
  clock: Clock;
  log: Log;
}
