import { channels } from './channels.js';
import { claude } from './claude.js';
import { cold } from './cold.js';
import { history } from './history.js';
import { hostile } from './hostile.js';
import { idle } from './idle.js';
import { intake } from './intake.js';
import type { Bench } from './lib/figure.js';
import { steps } from './steps.js';
import { warm } from './warm.js';

/** Every bench, in the order of the table. */
export const benches: readonly Bench[] = [
  warm,
  cold,
  claude,
  intake,
  history,
  idle,
  steps,
  channels,
  hostile,
];
