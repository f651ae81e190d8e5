import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '../src/clock.js';
import { containerSpec, sessionMounts } from '../src/container-runner/spec.js';
import { type AgentGroup, containerConfigSchema } from '../src/db/types.js';
import type { DockerEngine } from '../src/engine/docker/index.js';
import { runThrowaway, type ThrowawayRequest } from '../src/engine/docker/probe-container.js';
import { newId } from '../src/ids.js';
import { createSessionFiles, makePassable } from '../src/session-manager/create-files.js';
import { prepareMounts } from '../src/session-manager/mounts.js';
import { sessionPaths } from '../src/session-manager/paths.js';
import { ImageError } from './build.js';

const TIMEOUT_MS = 120_000;

/** What an agent needs of its image: its own program, and walls that hold. */
const SCRIPT = `
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { createRequire } from 'node:module';
const attempt = (fn) => { try { fn(); return 'ok'; } catch (error) { return error.code ?? 'error'; } };
const require = createRequire('/app/package.json');
const sdk = require.resolve('@anthropic-ai/claude-agent-sdk');
const claude = createRequire(sdk).resolve('@anthropic-ai/claude-agent-sdk-linux-' + process.arch + '/claude');
console.log(JSON.stringify({
  node: process.versions.node,
  claude: execFileSync(claude, ['--version'], { env: { HOME: '/tmp', PATH: process.env.PATH } }).toString().trim(),
  user: process.getuid(),
  rootWrite: attempt(() => writeFileSync('/app/x', 'x')),
  networks: Object.keys(networkInterfaces()).filter((name) => name !== 'lo'),
}));
`;

const reportSchema = z.object({
  node: z.string(),
  claude: z.string(),
  user: z.number(),
  rootWrite: z.string(),
  networks: z.array(z.string()),
});

export interface ImageReport {
  node: string;
  /** The version of the agent's program in the image. */
  claude: string;
}

/**
 * Runs a built image for real: the agent's program starts, the root is read-only, there is no network, and the runner
 * opens a session's files through their mounts. Throws `image-test-failed`.
 */
export async function testImage(
  deps: Pick<ThrowawayRequest, 'docker' | 'identity' | 'image'> & {
    clock: Clock;
    engine: DockerEngine;
    name: string;
  },
): Promise<ImageReport> {
  const { docker, identity, image, clock } = deps;
  const result = await runThrowaway({
    docker,
    identity,
    image,
    clock,
    script: SCRIPT,
    timeoutMs: TIMEOUT_MS,
  });
  if (result.exitCode !== 0)
    throw failed(result.stderr || `it ended with ${result.exitCode ?? 'a deadline'}`);
  const report = reportSchema.parse(JSON.parse(result.stdout));
  if (report.rootWrite !== 'EROFS') throw failed('its root can be written');
  if (report.networks.length > 0) throw failed(`it has a network (${report.networks.join(', ')})`);
  await openSession(deps);
  return { node: report.node, claude: report.claude };
}

/** Starts the runner in the mode that only opens a session's database, on the mounts that a session has. */
async function openSession(deps: Parameters<typeof testImage>[0]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'wharfie-image-'));
  try {
    const session = {
      id: newId('ses'),
      agentGroupId: 'check',
      messagingGroupId: null,
      threadId: '',
      containerState: 'stopped' as const,
      incarnation: 1,
      tries: 0,
      nextDueAt: null,
      lastActiveAt: 0,
      createdAt: 0,
    };
    makePassable(folder);
    const agentGroup: AgentGroup = {
      id: 'check',
      name: 'check',
      folder: 'check',
      place: 'data',
      isAdmin: false,
      agentProvider: 'mock',
      containerConfig: containerConfigSchema.parse({}),
      createdAt: 0,
    };
    const roots = { sessions: join(folder, 's'), groups: join(folder, 'g'), agentFolders: join(folder, 'a') };
    const paths = sessionPaths(roots, session, agentGroup);
    createSessionFiles(paths.root);
    prepareMounts(paths, deps.identity.owner);
    const spec = containerSpec({
      name: deps.name,
      session,
      agentGroup,
      incarnation: 1,
      mode: 'recover',
      mounts: sessionMounts(paths),
      defaults: { image: deps.image, timeZone: 'UTC' },
    });
    const { exitCode, logTail } = await (await deps.engine.start(spec)).exited;
    if (exitCode !== 0) throw failed(logTail.slice(-3).join(' ') || `the runner ended with ${exitCode}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function failed(why: string): ImageError {
  return new ImageError(
    'image-test-failed',
    `The agent image was built, but does not work: ${why.slice(-500)}.`,
    'Build it again from its first layer: ./wharfie container --rebuild',
  );
}
