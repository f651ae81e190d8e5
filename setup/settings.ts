import { loadConfig, pathsOf } from '../src/config.js';
import { createEnvFile } from '../src/env-file.js';
import { hostState } from '../src/host/state.js';
import { UsageError } from './lib/flags.js';
import { saveEnv } from './lib/installation.js';
import type { Step } from './lib/step.js';

export const settings: Step = {
  name: 'settings',
  class: { '': 'reads', 'public-url': 'sets-up', 'assistant-name': 'sets-up' },
  summary:
    'the public address and the name of new assistants, kept in .env; without a flag it says what they are',
  flags: [
    {
      name: 'public-url',
      kind: 'value',
      hint: 'https://<name>',
      help: 'the address under which platforms reach this machine (a tunnel, a reverse proxy)',
    },
    { name: 'assistant-name', kind: 'value', hint: '<name>', help: 'what a new agent is called' },
  ],
  async run(flags, context) {
    const { data, envFile } = pathsOf(context.home);
    const publicUrl = flags.value('public-url')?.trim();
    const assistantName = flags.value('assistant-name')?.trim();
    if (publicUrl !== undefined && !publicUrl.startsWith('https://')) {
      throw new UsageError('invalid-value', 'Platforms call https addresses only.', 'Give https://<name>.');
    }
    const wanted = {
      ...(publicUrl !== undefined && { WHARFIE_PUBLIC_URL: publicUrl }),
      ...(assistantName !== undefined && { ASSISTANT_NAME: assistantName }),
    };
    // Refuses what no host would start with, before anything is written.
    const present = createEnvFile(envFile).read();
    const config = loadConfig({ ...present, ...wanted }, { WHARFIE_HOME: context.home });
    const fields = { PUBLIC_URL: config.publicUrl ?? 'none', ASSISTANT_NAME: config.assistantName };
    if (Object.keys(wanted).length === 0) return { status: 'success', fields };
    if (!(await saveEnv(context, wanted))) return { status: 'skipped', fields };
    const { running } = await hostState(data);
    return { status: 'success', fields: { ...fields, RESTART_NEEDED: running } };
  },
};
