import { agentFolder, type FolderRoots } from '../src/agent-folders/index.js';
import { CatalogError, channelOf, factsOf, normalizePlatformId } from '../src/channels/catalog/index.js';
import type { ChatAnswer } from '../src/channels/cli/protocol.js';
import { assistantNameOf } from '../src/db/central/agent-groups.js';
import type { CentralDb } from '../src/db/central/index.js';
import { otherMain } from '../src/people/main-chat.js';
import type { Registered, RegistrationRequest } from '../src/people/registration/index.js';
import { shownName } from '../src/shown-name.js';
import { askChat } from './lib/ask-host.js';
import { type FlagSpec, type FlagValues, UsageError } from './lib/flags.js';
import { withInstallation } from './lib/installation.js';
import type { Fields, Step, StepResult } from './lib/step.js';
import { oneOf, wholeNumber } from './lib/values.js';
import { mainElsewhere, whoMaySpeak } from './register/questions.js';
import { agentsIn, triggerText } from './register/told.js';

const flags: FlagSpec[] = [
  { name: 'platform-id', kind: 'value', hint: '<id>', help: "the chat's id, as `groups --list` shows it" },
  {
    name: 'jid',
    kind: 'value',
    hint: '<id>',
    help: 'the same; also takes dc:, tg: and slack: ids of version 1',
  },
  { name: 'name', kind: 'value', required: true, hint: '<name>', help: "the chat's name" },
  {
    name: 'folder',
    kind: 'value',
    required: true,
    hint: '<folder>',
    help: 'the agent group, a folder below data/groups/',
  },
  { name: 'channel', kind: 'value', hint: '<type>', help: "the channel; else the id's prefix tells it" },
  {
    name: 'trigger',
    kind: 'list',
    hint: '<word>',
    help: 'what calls the agent in a group (default @<assistant name>)',
  },
  { name: 'no-trigger-required', kind: 'switch', help: 'the agent answers everything that is said there' },
  { name: 'trigger-required', kind: 'switch', help: 'takes --no-trigger-required back' },
  {
    name: 'when-ignored',
    kind: 'value',
    hint: 'drop|context',
    help: 'what does not call the agent: it never hears of it (drop), or reads it with what does (context)',
  },
  {
    name: 'bots',
    kind: 'value',
    hint: 'ignore|answer',
    help: 'whether the agent hears other bots (default ignore); never more than six of them in a row',
  },
  { name: 'is-main', kind: 'switch', help: 'this is the main group: it gets notices and approvals' },
  {
    name: 'move-main',
    kind: 'switch',
    help: 'with --is-main: take it from the chat that is the main one now',
  },
  { name: 'assistant-name', kind: 'value', hint: '<name>', help: 'what the agent is called' },
  {
    name: 'session-mode',
    kind: 'value',
    hint: 'shared|per-thread|agent-shared',
    help: 'what shares one conversation',
  },
  {
    name: 'priority',
    kind: 'value',
    hint: '<number>',
    help: 'who answers a mention where several are wired',
  },
  { name: 'is-group', kind: 'switch', help: 'the chat is a group, where that cannot be told from the id' },
  { name: 'admin-user', kind: 'value', hint: '<channel>:<user id>', help: 'who administers the agent group' },
  {
    name: 'unknown-senders',
    kind: 'value',
    hint: 'open|known|pair',
    help: 'who may speak in this chat: everybody (open), only people with a role (known), or also who sends a code (pair)',
  },
  { name: 'unseen', kind: 'switch', help: 'also where the platform says that the bot is in no such chat' },
  {
    name: 'replay',
    kind: 'value',
    hint: 'none|last|all',
    help: 'which waiting messages to answer (default last)',
  },
];

export const register: Step = {
  name: 'register',
  // A group that is registered is open to everybody in it, and who writes in a direct chat becomes a member.
  class: 'grants',
  summary: 'wires a chat to an agent group, so that it is answered; run again, it changes what differs',
  flags,
  async run(values, context) {
    const request = requestOf(values);
    return withInstallation(context, async ({ db, registration, config }) => {
      const before = request.isMain && !request.moveMain ? otherMain(db, request.folder) : undefined;
      const question = before ? mainElsewhere(before, request.folder) : whoMaySpeak(db, request);
      if (question) return question;
      const { channelType, platformId } = request;
      const asked = { dataDir: config.paths.data, clock: context.clock };
      const answer = await askChat(asked, { channelType, platformId: askable(channelType, platformId) });
      if (answer.state === 'not-found' && !values.on('unseen')) return notFound(request);
      const known = answer.state === 'found' ? answer.platformId : platformId;
      const registered = registration.register({ ...request, platformId: known });
      return {
        status: registered.status === 'unchanged' ? 'skipped' : 'success',
        fields: { ...fieldsOf(db, registered, config.paths), ...chatFields(answer) },
      };
    });
  },
};

/** As it would be stored; what only the platform can complete is asked as it was given. */
function askable(channelType: string, platformId: string): string {
  try {
    return normalizePlatformId(channelType, platformId);
  } catch (error) {
    if (error instanceof CatalogError && error.code === 'platform-id-incomplete') return platformId;
    throw error;
  }
}

function notFound({ channelType, platformId }: RegistrationRequest): StepResult {
  const { label } = factsOf(channelType);
  return {
    status: 'failed',
    error: 'chat-not-found',
    message: `${label} knows no chat ${JSON.stringify(platformId)} for this bot; nothing was registered. (--unseen registers it all the same.)`,
    fix: './wharfie groups --list (for the right id; or let the bot into that chat, and run this again)',
  };
}

function chatFields(answer: ChatAnswer): Fields {
  return answer.state === 'not-asked' ? { CHAT: `not-asked: ${answer.why}` } : { CHAT: answer.state };
}

function requestOf(flags: FlagValues): RegistrationRequest {
  const platformId = flags.value('platform-id') ?? flags.value('jid');
  if (platformId === undefined) {
    throw new UsageError('missing-flag', '--platform-id is required.', 'Find it: ./wharfie groups --list');
  }
  const channelType = flags.value('channel') ?? channelOf(platformId);
  if (channelType === null) {
    throw new UsageError(
      'unknown-channel',
      `The id ${JSON.stringify(platformId)} does not tell its channel.`,
      'Add --channel <type>.',
    );
  }
  const trigger = flags.list('trigger');
  const assistantName = flags.value('assistant-name');
  const sessionMode = oneOf(flags, 'session-mode', ['shared', 'per-thread', 'agent-shared']);
  const priority = wholeNumber(flags, 'priority');
  const adminUserId = flags.value('admin-user');
  const unknownSenders = oneOf(flags, 'unknown-senders', ['open', 'known', 'pair']);
  const whenIgnored = oneOf(flags, 'when-ignored', ['drop', 'context']);
  const bots = oneOf(flags, 'bots', ['ignore', 'answer']);
  const triggerRequired = ['trigger-required', 'no-trigger-required'].filter((name) => flags.on(name));
  if (triggerRequired.length > 1) {
    throw new UsageError(
      'conflicting-flags',
      '--trigger-required and --no-trigger-required do not go together.',
      'Give one of them.',
    );
  }
  return {
    channelType,
    platformId,
    name: flags.need('name'),
    folder: flags.need('folder'),
    replay: oneOf(flags, 'replay', ['none', 'last', 'all']) ?? 'last',
    ...(trigger.length > 0 && { trigger }),
    ...(triggerRequired.length > 0 && { requiresTrigger: flags.on('trigger-required') }),
    ...(whenIgnored !== undefined && { whenIgnored }),
    ...(bots !== undefined && { bots: bots === 'answer' }),
    ...(flags.on('is-main') && { isMain: true }),
    ...(flags.on('move-main') && { moveMain: true }),
    ...(flags.on('is-group') && { isGroup: true }),
    ...(assistantName !== undefined && { assistantName }),
    ...(sessionMode !== undefined && { sessionMode }),
    ...(priority !== undefined && { priority }),
    ...(adminUserId !== undefined && { adminUserId }),
    ...(unknownSenders !== undefined && { unknownSenders }),
  };
}

function fieldsOf(db: CentralDb, registered: Registered, roots: FolderRoots): Fields {
  const { status, agentGroup, messagingGroup, wiring, changes, roles, held } = registered;
  const { requiresTrigger, whenIgnored, bots } = wiring.triggerRules;
  const { ALSO_HERE, NOTE } = agentsIn(
    db,
    messagingGroup.channelType,
    messagingGroup.platformId,
    agentGroup.folder,
  );
  const alsoHere = ALSO_HERE !== undefined && NOTE !== undefined ? { ALSO_HERE, NOTE } : {};
  return {
    RESULT: status,
    PLATFORM_ID: messagingGroup.platformId,
    CHANNEL: messagingGroup.channelType,
    NAME: shownName(messagingGroup.name),
    FOLDER: agentGroup.folder,
    FILES: agentFolder(roots, agentGroup),
    ASSISTANT: assistantNameOf(agentGroup),
    GROUP: messagingGroup.isGroup,
    TRIGGER: triggerText(wiring.triggerRules),
    TRIGGER_REQUIRED: requiresTrigger,
    WHEN_IGNORED: whenIgnored,
    BOTS: bots ? 'answer' : 'ignore',
    SESSION_MODE: wiring.sessionMode,
    MAIN: agentGroup.isAdmin,
    UNKNOWN_SENDERS: messagingGroup.unknownSenderPolicy,
    CHANGED: changes.map((change) => change.field).join(', ') || 'nothing',
    ROLES: roles.map(({ userId, role }) => `${userId} is ${role}`).join(', ') || 'unchanged',
    REPLAYED: held.length,
    ...alsoHere,
  };
}
