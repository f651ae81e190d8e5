import { WharfieError } from '../errors.js';

/**
 * The law of this seam: an engine runs at most one process under a name, tells truthfully whether it is gone, and
 * carries one bell each way. It knows nothing of chats, agents or databases.
 */
export interface Mount {
  /** Absolute path on the host; exists before the start. */
  source: string;
  /** Absolute path in the container. */
  target: string;
  readOnly: boolean;
  /** Which folder was allowed, where another may be put in its place: it is looked at again before the start. */
  identity?: string;
}

export interface ContainerLimits {
  memoryBytes: number;
  cpus: number;
  pids: number;
  /** Longest file that a process in it can write, bytes. */
  fileSizeBytes: number;
}

/** `run`: serve the session · `recover`: open outbound.db once, so that SQLite rolls back its journal, and end. */
type ContainerMode = 'run' | 'recover';

export interface ContainerSpec {
  /** Deterministic for a session: two hosts can never run the same session twice. */
  name: string;
  sessionId: string;
  incarnation: number;
  image: string;
  mode: ContainerMode;
  env: Record<string, string>;
  mounts: Mount[];
  limits: ContainerLimits;
  /** Numeric user inside; null: the engine's choice (docs/security.md#the-user). */
  user: { uid: number; gid: number } | null;
}

export interface ExitReport {
  exitCode: number | null;
  signal: string | null;
  outOfMemory: boolean;
  /** The last lines that it wrote to stderr, at most 50. */
  logTail: string[];
}

/** A running container. */
export interface ContainerHandle {
  readonly name: string;
  readonly sessionId: string;
  readonly incarnation: number;
  readonly mode: ContainerMode;
  /** The host's folder that it has as `/run/wharfie`; left out: it has none, or nobody can tell. */
  readonly door?: string;
  /** Rings the runner's bell. Rings that are still waiting to be written are coalesced. Never throws. */
  ring(): void;
  /** Called for each ring of the runner (coalesced). One listener. */
  onRing(listener: () => void): void;
  /** Resolves when the engine has confirmed that it is gone and its post-mortem is read. Never rejects. */
  readonly exited: Promise<ExitReport>;
  /** Asks it to end and kills it after `graceMs`; 0 kills at once. Resolves like `exited`. */
  stop(graceMs: number): Promise<ExitReport>;
}

/** What `list` finds running under this installation's label. */
export interface RunningContainer {
  name: string;
  sessionId: string;
  incarnation: number;
  mode: ContainerMode;
}

export interface ContainerEngine {
  readonly kind: 'docker' | 'process' | 'fake';
  /** Throws an EngineError that says what is missing and the command that cures it. */
  check(): Promise<void>;
  /**
   * Starts the container and resolves when it runs with its bell attached. A container of that name that is still
   * running is adopted as it is (look at `handle.incarnation`); one that has exited is post-mortemed and removed first.
   */
  start(spec: ContainerSpec): Promise<ContainerHandle>;
  /** Containers of this installation that run now (process engine: always none, they end with their host). */
  list(): Promise<RunningContainer[]>;
  /**
   * Re-attaches to one that runs. One that has ended since comes back with `exited` resolving to its post-mortem, and
   * its remains are removed; null: there is nothing under that name.
   */
  adopt(name: string): Promise<ContainerHandle | null>;
  /** Confirms that nothing runs under this name, killing it where needed. */
  ensureGone(name: string): Promise<void>;
  /** Lets go of everything without ending containers that outlive the host. */
  close(): Promise<void>;
}

/** Codes: `engine-unreachable` `image-missing` `image-stale` `engine-mount-unsupported` `start-failed`. */
export class EngineError extends WharfieError {}
