import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { buildImage, ImageError, runnerHash } from '../container/build.js';
import { besideName, nameImage, unnameImage } from '../container/image-names.js';
import { testImage } from '../container/test-image.js';
import { type Config, pathsOf } from '../src/config.js';
import { orGone } from '../src/engine/docker/errors.js';
import { createDockerEngine, type DockerClients } from '../src/engine/docker/index.js';
import { BASE_IMAGE, RUNNER_HASH } from '../src/engine/docker/labels.js';
import { codeOf, reasonOf, WharfieError } from '../src/errors.js';
import { replaceFile } from '../src/files/replace.js';
import { createLog } from '../src/log/index.js';
import { type DockerState, dockerState } from './lib/docker-state.js';
import type { FlagSpec } from './lib/flags.js';
import { configurationOf } from './lib/installation.js';
import { withSetupLock } from './lib/setup-lock.js';
import type { Step, StepContext, StepResult } from './lib/step.js';
import { invalidValue } from './lib/values.js';

const BASE_NAME = /^[a-zA-Z0-9][\w./:@-]{0,250}$/;

const flags: FlagSpec[] = [
  { name: 'rebuild', kind: 'switch', help: 'build every layer again, also where the image is up to date' },
  {
    name: 'base-image',
    kind: 'value',
    hint: '<ref>',
    help: 'instead of node:24-slim: Node 24 or later and npm; later builds stand on the same',
  },
];

export const container: Step = {
  name: 'container',
  class: 'sets-up',
  summary: 'builds the image that agents run in, labels it, and tests it by running it',
  flags,
  async run(values, context) {
    const baseImage = values.value('base-image');
    if (baseImage !== undefined && !BASE_NAME.test(baseImage)) {
      throw invalidValue('base-image', baseImage, 'Give the name of an image, such as node:24-slim.');
    }
    const { config } = configurationOf(context);
    const found = await dockerState(context.env, config.dockerSocket);
    if (found.docker === null) throw found.problem;
    const request = { rebuild: values.on('rebuild'), ...(baseImage !== undefined && { baseImage }) };
    return withSetupLock(config.paths.data, context.clock, () =>
      buildAndTest(context, config, found, request),
    );
  },
};

/** What builds stand on, kept also where the image and its label are gone. */
function readBaseImage(home: string): string | undefined {
  try {
    const found = readFileSync(baseImageFile(home), 'utf8').trim();
    return BASE_NAME.test(found) ? found : undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function keepBaseImage(home: string, name: string | undefined): void {
  if (name && BASE_NAME.test(name) && name !== readBaseImage(home)) {
    replaceFile(baseImageFile(home), `${name}\n`, 0o600);
  }
}

const baseImageFile = (home: string) => join(pathsOf(home).data, 'base-image');

async function buildAndTest(
  context: StepContext,
  config: Config,
  { docker, identity }: Extract<DockerState, { docker: DockerClients }>,
  request: { rebuild: boolean; baseImage?: string },
): Promise<StepResult> {
  const { say, detail, clock, root } = context;
  const { image } = config;
  const present = await orGone(docker.calls.getImage(image).inspect());
  const upToDate = present?.Config.Labels?.[RUNNER_HASH] === (await runnerHash(root));
  const build = request.rebuild || request.baseImage !== undefined || !upToDate;
  // Until it has passed the test, what agents run in stays the image that they have.
  const tested = build ? besideName(image, 'new') : image;
  if (build) await makeNew(context, docker, { image, tested, present, request });
  say('Testing the image.');
  const engine = createDockerEngine({
    docker,
    installationId: `${config.installationId}-check`,
    image: tested,
    expectedHash: () => runnerHash(root),
    clock,
    log: createLog({ write: detail }, { level: 'warn' }),
  });
  try {
    await engine.check();
    const name = `wharfie-check-${config.installationId}`;
    const report = await testImage({ docker: docker.calls, identity, image: tested, clock, engine, name });
    if (build) await nameImage(docker.calls, tested, image);
    const { Id, Size, Config } = await docker.calls.getImage(image).inspect();
    keepBaseImage(context.home, Config.Labels?.[BASE_IMAGE]);
    const changed = Id !== present?.Id;
    return {
      status: changed ? 'success' : 'skipped',
      fields: {
        IMAGE: image,
        RESULT: changed ? 'built' : 'up-to-date',
        SIZE_MB: Math.round(Size / 1e6),
        NODE: report.node,
        CLAUDE: report.claude,
        TEST: 'passed',
      },
    };
  } catch (error) {
    throw asImageError(error);
  } finally {
    await engine.close();
    if (build) await unnameImage(docker.calls, tested);
  }
}

/** Builds it on what the present one stands on; after going back to the version before an update, it may be there still. */
async function makeNew(
  context: StepContext,
  { calls, streams }: DockerClients,
  what: {
    image: string;
    tested: string;
    present: Docker.ImageInspectInfo | null;
    request: { rebuild: boolean; baseImage?: string };
  },
): Promise<void> {
  const { image, tested, present, request } = what;
  const { root, env, say } = context;
  const kept = await orGone(calls.getImage(besideName(image, 'before-update')).inspect());
  const asked = request.rebuild || request.baseImage !== undefined;
  if (kept && !asked && kept.Config.Labels?.[RUNNER_HASH] === (await runnerHash(root))) {
    say('The image of this version is still there.');
    return nameImage(calls, kept.Id, tested);
  }
  say('Building the agent image. The first time takes some minutes; logs/setup.log has all of it.');
  const remembered = present?.Config.Labels?.[BASE_IMAGE] ?? readBaseImage(context.home);
  await buildImage({
    docker: streams,
    root,
    image: tested,
    ...(remembered && { baseImage: remembered }),
    ...request,
    env,
    onProgress: progress(context),
  });
}

/** Of the build a person sees its steps, the log all of it. */
function progress({ say, detail }: StepContext): (line: string) => void {
  return (line) => (/^(Step \d|#\d+ \[)/.test(line) ? say(line.slice(0, 100)) : detail(line));
}

function asImageError(error: unknown): unknown {
  if (error instanceof WharfieError) return error;
  return new ImageError(
    'image-test-failed',
    `The agent image could not be tested: ${reasonOf(error)}`,
    RETRY,
    {
      cause: error,
    },
  );
}

const RETRY = 'Run the step again; if it stays: ./wharfie container --rebuild';
