import { join } from 'node:path';
import { channelOf } from '../src/channels/catalog.js';
import { assistantNameOf } from '../src/db/agent-groups.js';
import type { Registered, RegistrationRequest } from '../src/registration.js';
import { type FlagSpec, type FlagValues, UsageError } from './lib/flags.js';
import { withInstallation } from './lib/installation.js';
import type { Fields, Step } from './lib/step.js';
import { oneOf, wholeNumber } from './lib/values.js';

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
    help: 'the agent group, a folder below groups/',
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
    help: 'what a stranger in this chat may do',
  },
  {
    name: 'replay',
    kind: 'value',
    hint: 'none|last|all',
    help: 'which waiting messages to answer (default last)',
  },
];

export const register: Step = {
  name: 'register',
  summary: 'wires a chat to an agent group, so that it is answered; run again, it changes what differs',
  flags,
  async run(values, context) {
    const request = requestOf(values);
    return withInstallation(context, ({ registration, config }) => {
      const registered = registration.register(request);
      return {
        status: registered.status === 'unchanged' ? 'skipped' : 'success',
        fields: fieldsOf(registered, config.paths.groups),
      };
    });
  },
};

function requestOf(flags: FlagValues): RegistrationRequest {
  const platformId = flags.value('platform-id') ?? flags.value('jid');
  if (platformId === undefined) {
    throw new UsageError(
      'missing-flag',
      '--platform-id is required.',
      'Find it: npx tsx setup/index.ts --step groups -- --list',
    );
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
    ...(flags.on('is-group') && { isGroup: true }),
    ...(assistantName !== undefined && { assistantName }),
    ...(sessionMode !== undefined && { sessionMode }),
    ...(priority !== undefined && { priority }),
    ...(adminUserId !== undefined && { adminUserId }),
    ...(unknownSenders !== undefined && { unknownSenders }),
  };
}

function fieldsOf(registered: Registered, groupsDir: string): Fields {
  const { status, agentGroup, messagingGroup, wiring, changes, roles, held } = registered;
  const { pattern, requiresTrigger, whenIgnored, bots } = wiring.triggerRules;
  return {
    RESULT: status,
    PLATFORM_ID: messagingGroup.platformId,
    CHANNEL: messagingGroup.channelType,
    NAME: messagingGroup.name,
    FOLDER: agentGroup.folder,
    FILES: join(groupsDir, agentGroup.folder),
    ASSISTANT: assistantNameOf(agentGroup),
    GROUP: messagingGroup.isGroup,
    TRIGGER: pattern === undefined ? 'none' : [pattern].flat().join(', '),
    TRIGGER_REQUIRED: requiresTrigger,
    WHEN_IGNORED: whenIgnored,
    BOTS: bots ? 'answer' : 'ignore',
    SESSION_MODE: wiring.sessionMode,
    MAIN: agentGroup.isAdmin,
    UNKNOWN_SENDERS: messagingGroup.unknownSenderPolicy,
    CHANGED: changes.map((change) => change.field).join(', ') || 'nothing',
    ROLES: roles.map(({ userId, role }) => `${userId} is ${role}`).join(', ') || 'unchanged',
    REPLAYED: held.length,
  };
}
