import type Docker from 'dockerode';
import { orGone, statusOf } from '../src/engine/docker/errors.js';

/** `image` under a second name, such as `wharfie-agent:0a1b-new`. */
export function besideName(image: string, suffix: 'new' | 'before-update'): string {
  const { repo, tag } = nameAndTag(image);
  return `${repo}:${tag}-${suffix}`;
}

/** Lets `image` be what has this name or id; what it was before goes, where nothing needs it. */
export async function nameImage(docker: Docker, from: string, image: string): Promise<void> {
  const before = await orGone(docker.getImage(image).inspect());
  await docker.getImage(from).tag(nameAndTag(image));
  const { Id: id } = await docker.getImage(image).inspect();
  if (before && before.Id !== id) await removeUnused(docker, before.Id);
}

/** Takes a name away, and with the last one the image; one that a container holds keeps its name. */
export async function unnameImage(docker: Docker, name: string): Promise<void> {
  await docker.getImage(name).remove().catch(refused);
}

/** An image takes some 400 MB; another name or a container may still need it. */
export async function removeUnused(docker: Docker, id: string): Promise<void> {
  const left = await orGone(docker.getImage(id).inspect());
  // Asked by its id, the engine deletes one that has a single name, and that name with it.
  if (!left || (left.RepoTags ?? []).length > 0) return;
  await docker.getImage(id).remove().catch(refused);
}

/** The engine has its reasons: a container, an image that stands on it. */
function refused(error: unknown): void {
  if (statusOf(error) === null) throw error;
}

function nameAndTag(image: string): { repo: string; tag: string } {
  const colon = image.lastIndexOf(':');
  if (colon <= image.lastIndexOf('/')) return { repo: image, tag: 'latest' };
  return { repo: image.slice(0, colon), tag: image.slice(colon + 1) };
}
