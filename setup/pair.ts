import { factsOf } from '../src/channels/catalog.js';
import type { CentralDb } from '../src/db/central.js';
import { getPairing } from '../src/db/pairings.js';
import { WharfieError } from '../src/errors.js';
import { hostState } from '../src/host-state.js';
import { createPairings, type PairingRequest } from '../src/pairing.js';
import { type FlagSpec, type FlagValues, UsageError } from './lib/flags.js';
import { withInstallation } from './lib/installation.js';
import type { Fields, Step, StepContext, StepResult } from './lib/step.js';
import { oneOf, wholeNumber } from './lib/values.js';
import { awaitPairing } from './pair/await-pairing.js';

const flags: FlagSpec[] = [
  { name: 'channel', kind: 'value', hint: '<type>', help: 'the channel on which the code will be sent' },
  { name: 'folder', kind: 'value', hint: '<folder>', help: 'the agent group that the chat is wired to' },
  { name: 'name', kind: 'value', hint: '<name>', help: "the chat's name" },
  { name: 'is-main', kind: 'switch', help: 'this is the main group: it gets notices and approvals' },
  { name: 'trigger', kind: 'list', hint: '<word>', help: 'what calls the agent in a group' },
  { name: 'no-trigger-required', kind: 'switch', help: 'the agent answers everything that is said there' },
  {
    name: 'session-mode',
    kind: 'value',
    hint: 'shared|per-thread|agent-shared',
    help: 'what shares one conversation',
  },
  { name: 'assistant-name', kind: 'value', hint: '<name>', help: 'what the agent is called' },
  {
    name: 'wait',
    kind: 'value',
    hint: '<seconds>',
    help: 'how long to wait for it (default 300); 0: not at all',
  },
  { name: 'status', kind: 'value', hint: '<pairing>', help: 'wait for the code of an earlier call instead' },
];

export const pair: Step = {
  name: 'pair',
  summary:
    'makes a one-time code; the chat that sends it to the bot is registered, and its sender becomes owner or admin',
  flags,
  async run(values, context) {
    const seconds = wholeNumber(values, 'wait', 0) ?? 300;
    const wanted = wantedPairing(values);
    return withInstallation(context, async ({ db, registration, config }) => {
      if (!(await hostState(config.paths.data)).running) throw notRunning();
      const pairings = createPairings({ db, clock: context.clock, registration });
      if (typeof wanted === 'string') return wait(context, { db, pairings, id: wanted, seconds, fields: {} });
      const { id, code, expiresAt } = pairings.create(wanted);
      const send = howToSend(wanted.channelType, code);
      context.show(`The code is ${code}. ${send}`);
      const fields = { CODE: code, SEND: send, EXPIRES: new Date(expiresAt).toISOString() };
      return wait(context, { db, pairings, id, seconds, fields });
    });
  },
};

interface Waiting {
  db: CentralDb;
  pairings: ReturnType<typeof createPairings>;
  id: string;
  seconds: number;
  fields: Fields;
}

async function wait(context: StepContext, waiting: Waiting): Promise<StepResult> {
  const { id, seconds } = waiting;
  const found = await awaitPairing(context.clock, waiting, seconds * 1000);
  const fields = { PAIRING: id, ...waiting.fields };
  if (found.state === 'used') {
    const { platformId, folder, sender } = found;
    return {
      status: 'success',
      fields: { RESULT: 'paired', PAIRING: id, PLATFORM_ID: platformId, FOLDER: folder, SENDER: sender },
    };
  }
  const again = `npx tsx setup/index.ts --step pair -- --status ${id} --wait 300`;
  if (found.state === 'open' && seconds === 0) {
    return { status: 'success', fields: { RESULT: 'waiting', ...fields, NEXT: again } };
  }
  if (found.state === 'open') {
    const message = 'Nobody has sent the code yet.';
    const channelType = getPairing(waiting.db, id)?.channelType;
    const send = channelType === undefined ? 'Send it to the bot.' : howToSend(channelType, '<code>');
    const fix = `${send} Then: ${again}. If it was sent: npx tsx setup/index.ts --step verify`;
    return { status: 'failed', error: 'pairing-not-used', message, fix, fields };
  }
  const fix = 'Make a new one: npx tsx setup/index.ts --step pair -- --help';
  return {
    status: 'failed',
    error: 'pairing-expired',
    message: 'This code is not valid any more.',
    fix,
    fields,
  };
}

function howToSend(channelType: string, code: string): string {
  const { label, sayToBot } = factsOf(channelType);
  return `${label}: ${sayToBot.replaceAll('<word>', () => code)}`;
}

/** What to make a code for, or the id of a pairing that was made before. */
function wantedPairing(flags: FlagValues): { channelType: string; request: PairingRequest } | string {
  const earlier = flags.value('status');
  if (earlier !== undefined) return earlier;
  const channelType = needed(flags, 'channel', '<type>');
  if (factsOf(channelType).transport === 'local') {
    throw new UsageError(
      'invalid-value',
      'The terminal needs no code: its chat is there from the start.',
      'npm run chat',
    );
  }
  const trigger = flags.list('trigger');
  const assistantName = flags.value('assistant-name');
  const sessionMode = oneOf(flags, 'session-mode', ['shared', 'per-thread', 'agent-shared']);
  const request: PairingRequest = {
    folder: needed(flags, 'folder', '<folder>'),
    name: needed(flags, 'name', '<name>'),
    ...(flags.on('is-main') && { isMain: true }),
    ...(trigger.length > 0 && { trigger }),
    ...(flags.on('no-trigger-required') && { requiresTrigger: false }),
    ...(sessionMode !== undefined && { sessionMode }),
    ...(assistantName !== undefined && { assistantName }),
  };
  return { channelType, request };
}

function needed(flags: FlagValues, name: string, hint: string): string {
  const value = flags.value(name);
  if (value !== undefined) return value;
  throw new UsageError('missing-flag', `--${name} is required.`, `Give it as: --${name} ${hint}`);
}

function notRunning(): WharfieError {
  return new WharfieError(
    'host-not-running',
    'Only a running host hears the code.',
    'Start it in another terminal (npm start), or as a service (npx tsx setup/index.ts --step service), then run this step again.',
  );
}
