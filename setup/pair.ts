import { factsOf, howToSend, linksToBot } from '../src/channels/catalog/index.js';
import type { CentralDb } from '../src/db/central/index.js';
import { getPairing } from '../src/db/central/pairings.js';
import { otherMain } from '../src/people/main-chat.js';
import { checkPairingRequest, createPairings, type PairingRequest } from '../src/people/pairing.js';
import { type FlagSpec, type FlagValues, UsageError } from './lib/flags.js';
import { withInstallation } from './lib/installation.js';
import type { Fields, Step, StepContext, StepResult } from './lib/step.js';
import { oneOf, wholeNumber } from './lib/values.js';
import { awaitPairing } from './pair/await-pairing.js';
import { botName, hearing } from './pair/hearing.js';
import { mainElsewhere } from './register/questions.js';
import { agentsIn } from './register/told.js';

/** Claude Code ends a command after 120 s unless it was told otherwise. */
const WAIT_S = 100;

const flags: FlagSpec[] = [
  { name: 'channel', kind: 'value', hint: '<type>', help: 'the channel on which the code will be sent' },
  { name: 'folder', kind: 'value', hint: '<folder>', help: 'the agent group that the chat is wired to' },
  { name: 'name', kind: 'value', hint: '<name>', help: "the chat's name" },
  { name: 'is-main', kind: 'switch', help: 'this is the main group: it gets notices and approvals' },
  {
    name: 'move-main',
    kind: 'switch',
    help: 'with --is-main: take it from the chat that is the main one now',
  },
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
    help: `how long to wait for it (default ${WAIT_S}); 0: not at all`,
  },
  { name: 'status', kind: 'value', hint: '<pairing>', help: 'wait for the code of an earlier call instead' },
];

export const pair: Step = {
  name: 'pair',
  class: {
    '': 'sets-up',
    channel: 'modifies',
    folder: 'modifies',
    name: 'modifies',
    'is-main': 'grants',
    'move-main': 'grants',
    trigger: 'modifies',
    'no-trigger-required': 'modifies',
    'session-mode': 'modifies',
    'assistant-name': 'modifies',
    wait: 'modifies',
    status: 'modifies',
  },
  summary:
    'makes a one-time code; the chat that sends it to the bot is registered, and its sender becomes owner or admin',
  flags,
  async run(values, context) {
    const seconds = wholeNumber(values, 'wait', 0) ?? WAIT_S;
    const wanted = wantedPairing(values);
    return withInstallation(context, async ({ db, registration }) => {
      const pairings = createPairings({ db, clock: context.clock, registration });
      if (typeof wanted === 'string') return wait(context, { db, pairings, id: wanted, seconds, fields: {} });
      checkPairingRequest(wanted.request);
      const facts = factsOf(wanted.channelType);
      const bot = await hearing(context, facts);
      const { folder, isMain, moveMain } = wanted.request;
      const before = isMain && !moveMain ? otherMain(db, folder) : undefined;
      if (before) return mainElsewhere(before, folder);
      const { id, code, expiresAt } = pairings.create(wanted);
      const send = howToSend(facts, code, bot);
      const links = linksToBot(facts, code, bot);
      context.show(`The code is ${code}. ${send}`);
      if (links)
        context.show(`Or open ${links.direct} (direct chat) or ${links.group} (group) and tap Start.`);
      const fields = {
        CODE: code,
        SEND: send,
        ...(bot !== null && { BOT: bot }),
        ...(links && { SEND_LINK: links.direct, SEND_LINK_GROUP: links.group }),
        EXPIRES: new Date(expiresAt).toISOString(),
      };
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
  const { db, id, seconds } = waiting;
  const found = await awaitPairing(context.clock, waiting, seconds * 1000);
  const fields = { PAIRING: id, ...waiting.fields };
  if (found.state === 'used') {
    const { platformId, folder, sender, role, replayed } = found;
    const channelType = getPairing(db, id)?.channelType ?? '';
    const paired = { PLATFORM_ID: platformId, FOLDER: folder, SENDER: sender, ROLE: role };
    return {
      status: 'success',
      fields: {
        RESULT: 'paired',
        PAIRING: id,
        ...paired,
        REPLAYED: replayed,
        ...agentsIn(db, channelType, platformId, folder),
      },
    };
  }
  const again = `./wharfie pair --status ${id} --wait ${WAIT_S}`;
  if (found.state === 'open' && seconds === 0) {
    return { status: 'success', fields: { RESULT: 'waiting', ...fields, NEXT: again } };
  }
  if (found.state === 'open') {
    const message = 'Nobody has sent the code yet.';
    const fix = `${again} (it goes on waiting). ${await howAgain(context, db, id)} If it was sent: ./wharfie verify`;
    return { status: 'failed', error: 'pairing-not-used', message, fix, fields: { ...fields, NEXT: again } };
  }
  const fix = 'Make a new one: ./wharfie pair --help';
  return {
    status: 'failed',
    error: 'pairing-expired',
    message: 'This code is not valid any more.',
    fix,
    fields,
  };
}

/** The code itself is nowhere kept. */
async function howAgain(context: StepContext, db: CentralDb, id: string): Promise<string> {
  const channelType = getPairing(db, id)?.channelType;
  if (channelType === undefined) return 'Send it to the bot.';
  const facts = factsOf(channelType);
  return howToSend(facts, '<code>', await botName(context, facts));
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
    ...(flags.on('move-main') && { moveMain: true }),
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
