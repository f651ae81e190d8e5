export type Layer =
  | 'machine'
  | 'installation'
  | 'credentials'
  | 'channels'
  | 'wiring'
  | 'round-trip'
  | 'backlog';

/** Something that a check has found wrong. A healthy installation has none. */
export interface Finding {
  /** Stable: skills and tests rely on it. */
  id: string;
  layer: Layer;
  /** `error`: some wired chat would get no reply · `warning`: worth mending. */
  severity: 'error' | 'warning';
  message: string;
  /** One line: the next command or action. */
  fix: string;
  /** Safe at any time, and run again harmless: `--fix` does it. */
  repair?: () => void | Promise<void>;
  /** Only a host that is started anew is rid of it. */
  restart?: boolean;
}

/** A sentence with its cure, as errors of ours have. */
export interface Problem {
  code: string;
  message: string;
  fix: string;
}

export interface LookOptions {
  /** Of the channels only this one. */
  only: string | undefined;
  /** Say a word in each wired chat. */
  live: boolean;
  /** Ask neither the model API nor the platforms. */
  offline: boolean;
  /** A host that is started for the check listens to no platform. */
  terminalOnly: boolean;
}
