import type { Clock, Random } from '../clock.js';
import type { Log } from '../log/index.js';
import type { Parser } from '../parser/index.js';
import { type ChannelAdapter, ChannelError } from './adapter.js';
import type { Webhooks } from './webhooks/index.js';

/** What every channel is given. */
export interface ChannelDeps {
  /** The configuration as it is now: read at each start, so that a token put in later needs no restart. */
  env(): Readonly<Record<string, string | undefined>>;
  clock: Clock;
  random: Random;
  log: Log;
  /** Where a channel may keep state of its own: `data/`. */
  stateDir: string;
  /** Where platforms call, for channels whose transport is `webhook`. */
  webhooks: Webhooks;
  /** Whatever a stranger wrote in a form that has to be parsed goes through it. */
  parser: Pick<Parser, 'read'>;
}

/** What a channel's file exports, one line of the barrel. Loads its package when it starts, not before. */
export interface ChannelModule {
  readonly type: string;
  create(deps: ChannelDeps): ChannelAdapter;
  /** Asks the platform whether these credentials work; an empty list: they do. */
  checkCredentials(deps: Pick<ChannelDeps, 'env'>, signal: AbortSignal): Promise<CredentialProblem[]>;
}

/** Why a credential does not do. Never contains its value. */
export interface CredentialProblem {
  /** The name in `.env`. */
  name: string;
  message: string;
  fix: string;
  /** The platform takes the credential; what is wrong is a setting over there. It is worth keeping. */
  accepted?: boolean;
  /** The platform did not answer, so that nothing is known of the credential. */
  unreachable?: boolean;
}

/** What is left to say of a check that came to no answer; one that the platform answered by a 4xx is not meant. */
export function notReached(label: string, error: unknown): Pick<CredentialProblem, 'fix' | 'unreachable'> {
  const answered = error instanceof ChannelError && error.errorClass === 'permanent';
  return { fix: `Try again when ${label} can be reached.`, ...(!answered && { unreachable: true }) };
}
