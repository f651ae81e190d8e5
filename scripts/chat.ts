import { cliSocketPath } from '../src/channels/cli/socket-path.js';
import { runTerminal } from '../src/channels/cli/terminal.js';
import { homeOf, pathsOf } from '../src/config.js';
import { codeOf } from '../src/errors.js';

/** `npm run chat`: the terminal chat of the host that runs here. */
const socketPath = cliSocketPath(pathsOf(homeOf(process.env)).data);
try {
  const interactive = process.stdin.isTTY === true;
  process.exitCode = await runTerminal({
    socketPath,
    input: process.stdin,
    output: process.stdout,
    interactive,
  });
} catch (error) {
  if (!['ENOENT', 'ECONNREFUSED'].includes(codeOf(error))) throw error;
  console.error('No host is running here. Start one with: npm start');
  process.exitCode = 1;
}
// A terminal's standard input would keep the process.
process.stdin.destroy();
