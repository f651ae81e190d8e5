import { fileURLToPath } from 'node:url';
import { dockerClients } from '../world.js';

const HOSTILE_IMAGE = 'wharfie-test-hostile';

/** The agent image with the attacker in it. It keeps the label that the engine looks for: the image is not the wall. */
export async function buildHostileImage(agentImage: string): Promise<string> {
  const stream = await dockerClients().streams.buildImage(
    { context: fileURLToPath(new URL('./image', import.meta.url)), src: ['Dockerfile', 'attacker.mjs'] },
    { t: HOSTILE_IMAGE, buildargs: { AGENT_IMAGE: agentImage }, rm: true, forcerm: true },
  );
  for await (const chunk of stream) {
    if (String(chunk).includes('"error"')) throw new Error(String(chunk));
  }
  return HOSTILE_IMAGE;
}
