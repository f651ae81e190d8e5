import { initial } from './001-initial.js';
import { deliveryRequests } from './002-delivery-requests.js';
import { questions } from './003-questions.js';
import { retention } from './004-retention.js';
import { stageTimes } from './005-stage-times.js';
import { clockSetBack } from './006-clock-set-back.js';
import { heldForTheStuck } from './007-held-for-the-stuck.js';
import type { Migration } from './types.js';

/** In the order in which they are applied. */
export const migrations: readonly Migration[] = [
  initial,
  deliveryRequests,
  questions,
  retention,
  stageTimes,
  clockSetBack,
  heldForTheStuck,
];
