import { join } from 'node:path';
import type Docker from 'dockerode';
import { z } from 'zod';
import { orGone } from '../src/engine/docker/errors.js';
import { BASE_IMAGE, RUNNER_HASH } from '../src/engine/docker/labels.js';
import { imageFiles, runnerHash } from '../src/engine/docker/runner-hash.js';
import { reasonOf, WharfieError } from '../src/errors.js';
import { removeUnused } from './image-names.js';

export { runnerHash } from '../src/engine/docker/runner-hash.js';

/** Codes: `image-build-failed`. */
export class ImageError extends WharfieError {}

export interface BuildRequest {
  docker: Docker;
  /** The checkout. */
  root: string;
  /** Name and tag of the result. */
  image: string;
  /** Instead of the Dockerfile's `node:24-slim`. */
  baseImage?: string;
  /** Builds every layer again. */
  rebuild?: boolean;
  /** For the build only, where the machine reaches the internet through a proxy. */
  env?: Record<string, string | undefined>;
  onProgress?: (line: string) => void;
}

/** Docker hands these to a build and keeps them out of the image. */
const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'];

/** Builds the agent image and labels it with the hash of its sources. Throws `image-build-failed`. */
export async function buildImage(request: BuildRequest): Promise<{ id: string; hash: string }> {
  const { docker, root, image } = request;
  const hash = await runnerHash(root);
  const before = await orGone(docker.getImage(image).inspect());
  const context = { context: join(root, 'container'), src: await imageFiles(root) };
  try {
    const stream = await docker.buildImage(context, {
      t: image,
      labels: { [RUNNER_HASH]: hash, ...(request.baseImage && { [BASE_IMAGE]: request.baseImage }) },
      buildargs: buildArguments(request),
      // The default network of an engine may be none at all.
      networkmode: 'host',
      nocache: request.rebuild ?? false,
      rm: true,
      forcerm: true,
    });
    await followBuild(stream, request.onProgress ?? (() => {}));
  } catch (error) {
    throw buildFailed(error);
  }
  const { Id: id } = await docker.getImage(image).inspect();
  if (before && before.Id !== id) await removeUnused(docker, before.Id);
  return { id, hash };
}

function buildArguments({ baseImage, env = {} }: BuildRequest): Record<string, string> {
  const proxies = PROXIES.flatMap((name): [string, string][] => {
    const value = env[name];
    return value ? [[name, value]] : [];
  });
  // Whoever builds it runs agents as this user, but for root (engine/docker/user.ts).
  const AGENT_UID = String(process.getuid?.() || 1000);
  return { ...Object.fromEntries(proxies), AGENT_UID, ...(baseImage ? { BASE_IMAGE: baseImage } : {}) };
}

const eventSchema = z.object({ stream: z.string().optional(), error: z.string().optional() });

/** The engine answers 200 and then tells of failures in the stream: one JSON object a line. */
async function followBuild(stream: NodeJS.ReadableStream, onProgress: (line: string) => void): Promise<void> {
  let open = '';
  let failure: string | null = null;
  for await (const chunk of stream) {
    const lines = (open + String(chunk)).split('\n');
    open = lines.pop() ?? '';
    for (const line of lines.filter((text) => text.trim() !== '')) {
      const event = eventSchema.parse(JSON.parse(line));
      if (event.error !== undefined) failure = event.error;
      if (event.stream?.trim()) onProgress(event.stream.trimEnd());
    }
  }
  if (failure !== null) throw new Error(failure);
}

function buildFailed(cause: unknown): ImageError {
  const why = reasonOf(cause).trim().slice(-500);
  const offline = /pull access denied|failed to resolve|no such host|connection refused|timeout/i.test(why);
  return new ImageError(
    'image-build-failed',
    `The agent image could not be built: ${why}`,
    offline
      ? 'Check the network, or give a base image that is there: `./wharfie container --base-image <ref>`.'
      : 'Look at the end of logs/setup.log, then run `./wharfie container --rebuild`.',
    { cause },
  );
}
