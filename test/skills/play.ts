import { installationIdOf } from '../../src/config.js';
import { INSTALLATION } from '../../src/engine/docker/labels.js';
import { dockerClients } from '../docker/world.js';
import type { Reply } from '../fakes/messages-api.js';
import { questionsIn } from '../unit/skills/skills.js';
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

/** Asks these questions of the skill in one call of Claude Code's question tool; the person takes the first option. */
export async function* ask(text: string, names: readonly string[]): AsyncGenerator<Reply, string, string> {
  const questions = questionsIn(text)
    .filter(({ header }) => names.includes(header))
    .map(({ options, ...rest }) => ({
      ...rest,
      multiSelect: false,
      options: options.map((label) => ({ label, description: label })),
    }));
  if (questions.length !== names.length) throw new Error(`the skill does not ask all of ${names.join(', ')}`);
  return yield { tools: [{ name: 'AskUserQuestion', input: { questions } }] };
}

/** A person's machine may leave containers running, as it should; a test may not. */
export async function removeContainers({ root }: Machine): Promise<void> {
  const { calls } = dockerClients();
  const filters = { label: [`${INSTALLATION}=${installationIdOf(root)}`] };
  for (const { Id } of await calls.listContainers({ all: true, filters })) {
    await calls.getContainer(Id).remove({ force: true });
  }
}
