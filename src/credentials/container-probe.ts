import { rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { z } from 'zod';
import type { Clock } from '../clock.js';
import { createEgressGateway } from '../egress/index.js';
import { createRunDirs, runDirRoots } from '../egress/run-dir.js';
import { runThrowaway, type ThrowawayRequest } from '../engine/docker/probe-container.js';
import type { Log } from '../log/index.js';
import { type AgentIdentity, CredentialError, type CredentialProvider } from './types.js';

const TIMEOUT_MS = 60_000;

/** One call that costs nothing, through the container's one door, and one that has to fail. */
const SCRIPT = `
import http from 'node:http';
import net from 'node:net';
const body = JSON.stringify({ model: 'claude-haiku-4-5', messages: [{ role: 'user', content: 'hello' }] });
const headers = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'x-api-key': 'none' };
const status = await new Promise((resolve, reject) => {
  const call = http.request(
    { socketPath: '/run/wharfie/egress.sock', path: '/v1/messages/count_tokens', method: 'POST', headers },
    (answer) => { answer.resume(); answer.on('end', () => resolve(answer.statusCode)); },
  );
  call.on('error', reject);
  call.end(body);
});
const direct = await new Promise((resolve) => {
  const socket = net.connect({ host: '192.0.2.1', port: 443 });
  socket.on('connect', () => resolve('open'));
  socket.on('error', (error) => resolve(error.code));
  setTimeout(() => resolve('no answer'), 1000).unref();
});
console.log(JSON.stringify({ status, direct }));
process.exit(0);
`;

const reportSchema = z.object({ status: z.number(), direct: z.string() });

export interface ContainerProbe {
  /** HTTP status of the model API's answer, or of the gateway's in its place. */
  status: number;
  /** Why a direct connection failed; `ENETUNREACH` where there is no network at all. */
  direct: string;
}

/**
 * Calls the model API from inside a throw-away container, through a gateway of its own: the way that an agent's
 * requests take. Throws `container-probe-failed` where the call did not come to an answer.
 */
export async function probeFromContainer(
  deps: Pick<ThrowawayRequest, 'docker' | 'identity' | 'image'> & {
    credentials: CredentialProvider;
    /** As whom it calls. */
    agent: AgentIdentity;
    installationId: string;
    env: NodeJS.ProcessEnv;
    clock: Clock;
    log: Log;
  },
): Promise<ContainerProbe> {
  const { docker, identity, image, clock, log, credentials } = deps;
  const roots = runDirRoots(deps.env, homedir(), process.getuid?.() ?? 0);
  const runDirs = createRunDirs({ installation: deps.installationId, roots });
  const gateway = createEgressGateway({ credentials, runDirs, audit: () => {}, clock, log });
  // A door of this process: another step that runs now has its own.
  const sessionId = `probe-${process.pid}`;
  const runDir = runDirs.prepare(sessionId);
  try {
    await gateway.open({
      sessionId,
      agent: deps.agent,
      egress: 'model',
      serverTools: [],
      owner: identity.owner,
    });
    const mounts = [{ source: runDir, target: '/run/wharfie', readOnly: true }];
    const request = { docker, identity, image, script: SCRIPT, mounts, clock, timeoutMs: TIMEOUT_MS };
    const { exitCode, stdout, stderr } = await runThrowaway(request);
    if (exitCode !== 0) throw failed(stderr.slice(-300) || 'it did not end');
    return reportSchema.parse(JSON.parse(stdout));
  } finally {
    await gateway.close(sessionId);
    await gateway.stop();
    rmSync(runDir, { recursive: true, force: true });
  }
}

function failed(why: string): CredentialError {
  return new CredentialError(
    'container-probe-failed',
    `The call from inside a container failed: ${why}`,
    'Run ./wharfie container, then this step again.',
  );
}
