import { factsOf } from '../src/channels/catalog/index.js';
import { type FlagSpec, UsageError } from './lib/flags.js';
import type { Step, StepContext, StepResult } from './lib/step.js';
import { servicesHere } from './service/here.js';
import { withDatabase } from './verify/database.js';
import { groundOf } from './verify/ground.js';
import { look } from './verify/look.js';
import { askRestart, repairAll, report } from './verify/report.js';
import { restartHost, restartOf } from './verify/restart.js';
import type { LookOptions } from './verify/types.js';

const flags: FlagSpec[] = [
  { name: 'live', kind: 'switch', help: 'also say a word in each wired chat, through its platform' },
  {
    name: 'offline',
    kind: 'switch',
    help: 'ask neither the model API nor the platforms; a host that runs is asked all the same',
  },
  { name: 'channel', kind: 'value', hint: '<type>', help: 'of the channels only this one' },
  {
    name: 'terminal-only',
    kind: 'switch',
    help: 'where a host is started for the check, it listens to no platform',
  },
  { name: 'fix', kind: 'switch', help: 'repair what can be repaired without risk' },
  {
    name: 'restart',
    kind: 'switch',
    help: 'with --fix: start the host anew where only that helps; its service does it',
  },
];

export const verify: Step = {
  name: 'verify',
  class: {
    '': 'reads',
    live: 'sets-up',
    offline: 'modifies',
    channel: 'modifies',
    'terminal-only': 'modifies',
    fix: 'sets-up',
    restart: 'sets-up',
  },
  summary: 'checks everything between a chat and its answer; fails unless each wired chat could get one',
  flags,
  async run(values, context) {
    const only = values.value('channel');
    if (only !== undefined) factsOf(only);
    const options = {
      only,
      live: values.on('live'),
      offline: values.on('offline'),
      terminalOnly: values.on('terminal-only'),
    };
    if (values.on('restart') && !values.on('fix')) {
      throw new UsageError('conflicting-flags', '--restart goes with --fix only.', 'Give --fix --restart.');
    }
    const mend = { fix: values.on('fix'), restart: values.on('restart') };
    const first = await run(context, options, mend);
    if (!first.restarted) return first.result;
    // What was found before the host was started anew is not what is so now.
    const again = await run(context, options, { fix: false, restart: false });
    return { ...again.result, fields: { ...again.result.fields, ...first.fields } };
  },
};

interface Outcome {
  result: StepResult;
  restarted: boolean;
  fields: { FIXED?: string; RESTARTED?: boolean };
}

function run(
  context: StepContext,
  options: LookOptions,
  mend: { fix: boolean; restart: boolean },
): Promise<Outcome> {
  const ground = groundOf(context);
  return withDatabase(ground.config.paths.centralDb, async (opened) => {
    const { findings, fields } = await look(context, options, { ...ground, opened });
    const { left, fixed } = mend.fix ? await repairAll(findings) : { left: findings, fixed: [] };
    for (const { id, severity, message, fix } of left) context.say(`${severity} ${id}: ${message}\n  ${fix}`);
    const told = mend.fix ? { FIXED: fixed.join(', ') || 'nothing' } : {};
    const result = report(left, { ...fields, ...told }, options);
    const waiting = left.filter((one) => one.restart);
    if (
      !mend.fix ||
      waiting.length === 0 ||
      !(await restartOf(context, await servicesHere(context))).possible
    ) {
      return { result, restarted: false, fields: told };
    }
    if (!mend.restart) return { result: askRestart(waiting, result), restarted: false, fields: told };
    const restarted = await restartHost(context);
    return { result, restarted, fields: { ...told, RESTARTED: restarted } };
  });
}
