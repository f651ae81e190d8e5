import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { buildImage } from '../../container/build.js';
import { connectDocker, dockerSocket } from '../../src/engine/docker/connection.js';
import { buildConformanceImage } from './images.js';

declare module 'vitest' {
  interface ProvidedContext {
    dockerHost: string;
    /** Runs test/engine-conformance/program.mjs. */
    conformanceImage: string;
    /** The real agent image. */
    agentImage: string;
  }
}

const run = promisify(execFile);
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const BASE_IMAGE = 'wharfie-test-base:24';
const AGENT_IMAGE = 'wharfie-agent:test';

/** Before the Docker tier: an engine that answers, a base image made without a registry, and the two images on it. */
export default async function setup({ provide }: TestProject): Promise<void> {
  const dockerHost = (await run(here('start-docker.sh'))).stdout.trim();
  await run(here('make-base-image.sh'), [dockerHost, BASE_IMAGE]);
  const { streams } = connectDocker(dockerSocket({ DOCKER_HOST: dockerHost }));
  await buildImage({
    docker: streams,
    root: here('../..'),
    image: AGENT_IMAGE,
    baseImage: BASE_IMAGE,
    env: process.env,
  });
  provide('dockerHost', dockerHost);
  provide('agentImage', AGENT_IMAGE);
  provide('conformanceImage', await buildConformanceImage(streams, BASE_IMAGE));
}
