import { systemClock } from '../../../../src/clock.js';
import { createProcessEngine } from '../../../../src/engine/process/index.js';
import { specFor, startEcho } from '../../../engine-conformance/harness.js';

/** A host of its own, for tests that kill it: starts one container that clings to life, says so, and waits. */
const [program = '', folder = '', sessionId = ''] = process.argv.slice(2);
const engine = createProcessEngine({
  command: { file: process.execPath, args: [program], cwd: folder },
  stateDir: folder,
  clock: systemClock,
});
await startEcho(engine, specFor({ spec: (spec) => spec }, 'cling', { sessionId }));
process.stdout.write('up\n');
setInterval(() => {}, 1000);
