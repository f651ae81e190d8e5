import type { BotGuard } from './bot-guard.js';
import type { Patience } from './patience.js';
import type { RouterDeps } from './types.js';

/** What the router is made of, for the ways that an event may take. */
export interface RouterParts {
  deps: RouterDeps;
  bots: BotGuard;
  patience: Patience;
}
