import { besideName, nameImage, unnameImage } from '../../container/image-names.js';
import type { Config } from '../../src/config.js';
import { orGone } from '../../src/engine/docker/errors.js';
import { dockerState } from '../lib/docker-state.js';
import type { StepContext } from '../lib/step.js';
import { mustStepOf } from './child.js';

/**
 * Gives the image that is in use a second name, so that going back needs no network. It keeps that when the update has
 * succeeded, until the next one. Returns its id; null: there is none.
 */
export async function keepImage(
  context: StepContext,
  { image, dockerSocket }: Config,
): Promise<string | null> {
  const docker = await dockerOf(context, dockerSocket);
  const present = await (docker && orGone(docker.getImage(image).inspect()));
  if (!docker || !present) return null;
  await nameImage(docker, present.Id, besideName(image, 'before-update'));
  return present.Id;
}

/** Brings the agent image up to date where there is one. */
export async function updateImage(context: StepContext, { image, dockerSocket }: Config): Promise<string> {
  const docker = await dockerOf(context, dockerSocket);
  if (!docker) return 'no-docker';
  if (!(await orGone(docker.getImage(image).inspect()))) return 'not-built';
  const block = await mustStepOf(context, context, 'container');
  return block.STATUS === 'skipped' ? 'up-to-date' : 'built';
}

/** Gives the image with this id its name back. The one that had it meanwhile goes. */
export async function restoreImage(
  context: StepContext,
  { image, dockerSocket }: Config,
  id: string,
): Promise<void> {
  const docker = await dockerOf(context, dockerSocket);
  if (!docker || !(await orGone(docker.getImage(id).inspect()))) return;
  await nameImage(docker, id, image);
  await unnameImage(docker, besideName(image, 'before-update'));
}

async function dockerOf({ env }: StepContext, socket: string | null) {
  return (await dockerState(env, socket)).docker?.calls ?? null;
}
