import { factsOf } from '../src/channels/catalog.js';
import type { FlagSpec } from './lib/flags.js';
import type { Step } from './lib/step.js';
import { look } from './verify/look.js';
import { repairAll, report } from './verify/report.js';

const flags: FlagSpec[] = [
  { name: 'live', kind: 'switch', help: 'also say a word in each wired chat, through its platform' },
  { name: 'offline', kind: 'switch', help: 'ask neither the model API nor the platforms' },
  { name: 'channel', kind: 'value', hint: '<type>', help: 'of the channels only this one' },
  {
    name: 'terminal-only',
    kind: 'switch',
    help: 'where a host is started for the check, it listens to no platform',
  },
  { name: 'fix', kind: 'switch', help: 'repair what can be repaired without risk' },
];

export const verify: Step = {
  name: 'verify',
  summary: 'checks everything between a chat and its answer; fails unless each wired chat could get one',
  flags,
  async run(values, context) {
    const only = values.value('channel');
    if (only !== undefined) factsOf(only);
    const { findings, fields } = await look(context, {
      only,
      live: values.on('live'),
      offline: values.on('offline'),
      terminalOnly: values.on('terminal-only'),
    });
    const { left, fixed } = values.on('fix') ? await repairAll(findings) : { left: findings, fixed: [] };
    for (const { id, severity, message, fix } of left) context.say(`${severity} ${id}: ${message}\n  ${fix}`);
    return report(left, { ...fields, ...(values.on('fix') && { FIXED: fixed.join(', ') || 'nothing' }) });
  },
};
