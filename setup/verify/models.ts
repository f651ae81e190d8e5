import { probeModel, probeModelApi } from '../../src/credentials/probe.js';
import { sortAgentGroups } from '../../src/db/central/bad-rows.js';
import type { CentralDb } from '../../src/db/central/index.js';
import type { EnvValues } from '../../src/env-file.js';
import { quoted } from '../../src/people/registration/command.js';
import { providerOf } from '../credentials/provider.js';
import type { StepContext } from '../lib/step.js';
import type { Finding } from './types.js';

/** Names that Claude Code itself turns into a model's (code.claude.com/docs/en/model-config); the API has none of them. */
const ALIASES = new Set(['default', 'best', 'sonnet', 'opus', 'haiku', 'fable', 'opusplan']);
/** Asks Claude Code for a long context; the API never sees it. */
const LONG_CONTEXT = /\[1m\]$/i;
/** Models that are asked about; more are taken on trust. */
const MOST = 20;

/** Agents whose model the API does not have. An API without a list of models is not asked: there every name is unknown. */
export async function judgeModels(
  context: StepContext,
  { db, env }: { db: CentralDb; env: { read(): EnvValues } },
): Promise<Finding[]> {
  const groups = sortAgentGroups(db).usable.flatMap(({ agentProvider, containerConfig, ...group }) => {
    const model = containerConfig.model?.replace(LONG_CONTEXT, '');
    if (agentProvider !== 'claude' || model === undefined || ALIASES.has(model.toLowerCase())) return [];
    return [{ ...group, model, named: containerConfig.model ?? model }];
  });
  if (groups.length === 0) return [];
  const { clock } = context;
  const provider = providerOf(context, env.read(), context.env);
  const looked = groups.slice(0, MOST).map(async ({ id, name, folder, model, named }): Promise<Finding[]> => {
    const upstream = await provider.modelUpstream({ identifier: id, name });
    const lists = (await probeModelApi(clock, upstream)) === 200;
    if (!lists || (await probeModel(clock, upstream, model)) !== 404) return [];
    const message = `${upstream.baseUrl.host} has no model ${named}, which ${folder} is set to: its chats are told so in the place of an answer.`;
    const fix = `./wharfie group --folder ${quoted(folder)} --model default (or another one, such as sonnet)`;
    return [{ id: 'model-unknown', layer: 'wiring', severity: 'error', message, fix }];
  });
  return (await Promise.all(looked)).flat();
}
