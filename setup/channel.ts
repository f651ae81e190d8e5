import { type ChannelFacts, factsOf } from '../src/channels/catalog/index.js';
import { checkAuth, forgetAuth, storeAuth } from './channel/auth.js';
import { listChannels } from './channel/list.js';
import { disableChannel, enableChannel } from './channel/switch.js';
import { type FlagSpec, UsageError } from './lib/flags.js';
import type { Step } from './lib/step.js';
import { exactlyOne } from './lib/values.js';

const flags: FlagSpec[] = [
  { name: 'list', kind: 'switch', help: 'every channel, its facts, and what is set up of it' },
  { name: 'channel', kind: 'value', hint: '<type>', help: 'with --list: only this one' },
  {
    name: 'enable',
    kind: 'value',
    hint: '<type>',
    help: 'install its package, switch it on, prove that the host starts',
  },
  { name: 'disable', kind: 'value', hint: '<type>', help: 'switch it off again' },
  {
    name: 'auth',
    kind: 'value',
    hint: '<type>',
    help: 'ask for its secrets, check them with the platform, keep them in .env',
  },
  { name: 'check', kind: 'switch', help: 'with --auth: only check the secrets that are there' },
  { name: 'forget', kind: 'switch', help: 'with --auth: take its secrets out of .env' },
];

export const channel: Step = {
  name: 'channel',
  class: {
    '': 'reads',
    list: 'reads',
    channel: 'modifies',
    enable: 'sets-up',
    disable: 'sets-up',
    auth: 'sets-up',
    check: 'modifies',
    forget: 'modifies',
  },
  summary: 'switches channels on and off and gives them their credentials',
  flags,
  async run(values, context) {
    const action = exactlyOne(values, ['list', 'enable', 'disable', 'auth']);
    if (values.on('check') && action !== 'auth') {
      throw new UsageError(
        'conflicting-flags',
        '--check goes with --auth only.',
        'Give --auth <type> --check.',
      );
    }
    if (values.on('forget') && (action !== 'auth' || values.on('check'))) {
      throw new UsageError(
        'conflicting-flags',
        '--forget goes with --auth only.',
        'Give --auth <type> --forget.',
      );
    }
    const only = values.value('channel');
    if (only !== undefined && action !== 'list') {
      throw new UsageError(
        'conflicting-flags',
        '--channel goes with --list only.',
        `Give --${action} <type>, without --channel.`,
      );
    }
    if (action === 'list') return listChannels(context, only === undefined ? null : factsOf(only));
    const facts = platformOf(values.need(action));
    if (action === 'enable') return enableChannel(context, facts);
    if (action === 'disable') return disableChannel(context, facts);
    if (values.on('forget')) return forgetAuth(context, facts);
    return values.on('check') ? checkAuth(context, facts) : storeAuth(context, facts);
  },
};

/** The facts of a channel that can be switched. */
function platformOf(type: string): ChannelFacts {
  const facts = factsOf(type);
  if (facts.transport !== 'local') return facts;
  throw new UsageError(
    'always-enabled',
    `${facts.label} is always there and needs nothing.`,
    'Just run npm start.',
  );
}
