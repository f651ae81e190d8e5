import { initial } from './001-initial.js';
import { deliveryRequests } from './002-delivery-requests.js';
import { questions } from './003-questions.js';
import { retention } from './004-retention.js';
import { stageTimes } from './005-stage-times.js';
import { clockSetBack } from './006-clock-set-back.js';
import { heldForTheStuck } from './007-held-for-the-stuck.js';
import { sessionRequests } from './008-session-requests.js';
import { whoMayAnswer } from './009-who-may-answer.js';
import { agentFolders } from './010-agent-folders.js';
import { setAsideMessages } from './011-set-aside.js';
import { chatMoves } from './012-chat-moves.js';
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
  sessionRequests,
  whoMayAnswer,
  agentFolders,
  setAsideMessages,
  chatMoves,
];
