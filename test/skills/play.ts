import { installationIdOf } from '../../src/config.js';
import { INSTALLATION } from '../../src/engine/docker/labels.js';
import { dockerClients } from '../docker/world.js';
import type { Reply } from '../fakes/messages-api.js';
import { bash, blockOf, fromSkill } from './claude.js';
import type { Machine } from './world.js';

export type Blocks = Record<string, Record<string, string>>;

/** Runs a command of the skill and gives its block; `text` is the skill's own. */
export async function* step(
  text: string,
  part: string,
  values: Record<string, string> = {},
): AsyncGenerator<Reply, Record<string, string>, string> {
  return blockOf(yield bash(fromSkill(text, part, values)));
}

/** A person's machine may leave containers running, as it should; a test may not. */
export async function removeContainers({ root }: Machine): Promise<void> {
  const { calls } = dockerClients();
  const filters = { label: [`${INSTALLATION}=${installationIdOf(root)}`] };
  for (const { Id } of await calls.listContainers({ all: true, filters })) {
    await calls.getContainer(Id).remove({ force: true });
  }
}
