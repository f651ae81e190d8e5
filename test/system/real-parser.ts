import { systemClock } from '../../src/clock.js';
import { childArgs } from '../../src/own-programs.js';
import { createParser } from '../../src/parser/index.js';
import { silentLog } from '../fakes/log.js';

const packages = ['--import', new URL('../channels/resolve.mjs', import.meta.url).href];

/** Strangers' texts are parsed as on a host: in a process of its own, which is there once something is to be parsed. */
export const realParser = createParser({
  clock: systemClock,
  log: silentLog,
  rankOf: () => 0,
  args: [...packages, ...childArgs('parser')],
});
