import { fileURLToPath } from 'node:url';
import type Docker from 'dockerode';

const CONFORMANCE_IMAGE = 'wharfie-test-conformance';

/** The base image with the conformance program in it. */
export async function buildConformanceImage(docker: Docker, baseImage: string): Promise<string> {
  const stream = await docker.buildImage(
    {
      context: fileURLToPath(new URL('../engine-conformance', import.meta.url)),
      src: ['Dockerfile', 'program.mjs'],
    },
    { t: CONFORMANCE_IMAGE, buildargs: { BASE_IMAGE: baseImage }, rm: true, forcerm: true },
  );
  for await (const chunk of stream) {
    if (String(chunk).includes('"error"')) throw new Error(String(chunk));
  }
  return CONFORMANCE_IMAGE;
}
