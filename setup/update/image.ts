import type { Config } from '../../src/config.js';
import { orGone } from '../../src/engine/docker/errors.js';
import { dockerState } from '../lib/docker-state.js';
import type { StepContext } from '../lib/step.js';
import { mustStepOf } from './child.js';

/**
 * Brings the agent image up to date where there is one. The old one keeps a second name meanwhile, so that going back
 * needs no network.
 */
export async function updateImage(context: StepContext, config: Config): Promise<string> {
  const docker = await dockerOf(context, config);
  if (!docker) return 'no-docker';
  const present = await orGone(docker.getImage(config.image).inspect());
  if (!present) return 'not-built';
  await docker.getImage(config.image).tag(nameAndTag(keptName(config.image)));
  const block = await mustStepOf(context, context, 'container');
  return block.STATUS === 'skipped' ? 'up-to-date' : 'built';
}

/** Gives the old image its name back, where there is one. */
export async function restoreImage(context: StepContext, config: Config): Promise<void> {
  const docker = await dockerOf(context, config);
  const kept = docker?.getImage(keptName(config.image));
  if (!kept || !(await orGone(kept.inspect()))) return;
  await kept.tag(nameAndTag(config.image));
  await orGone(kept.remove());
}

/** After an update that stands. A container of the old image may still be there; then only the name goes. */
export async function forgetImage(context: StepContext, config: Config): Promise<void> {
  const docker = await dockerOf(context, config);
  await docker
    ?.getImage(keptName(config.image))
    .remove()
    .catch(() => {});
}

async function dockerOf({ env }: StepContext, config: Config) {
  return (await dockerState(env, config.dockerSocket)).docker?.calls ?? null;
}

function keptName(image: string): string {
  const { repo, tag } = nameAndTag(image);
  return `${repo}:${tag}-before-update`;
}

function nameAndTag(image: string): { repo: string; tag: string } {
  const colon = image.lastIndexOf(':');
  if (colon <= image.lastIndexOf('/')) return { repo: image, tag: 'latest' };
  return { repo: image.slice(0, colon), tag: image.slice(colon + 1) };
}
