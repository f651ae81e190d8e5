import type { ChannelAdapter } from '../channels/adapter.js';
import { counterpartOf, isGroupChat, normalizePlatformId } from '../channels/catalog.js';
import { type ChannelRegistry, createChannelRegistry } from '../channels/registry.js';
import { createCommands } from '../commands.js';
import { listCursors } from '../db/messaging-groups.js';
import { createAttachmentStore } from '../files/attachments.js';
import { createPairings } from '../pairing.js';
import { prepareAgentFolder } from '../registration/agent-folder.js';
import { createRegistration } from '../registration.js';
import type { AnswerTaker } from '../router/types.js';
import { createRouter, type Router } from '../router.js';
import type { HostBase } from './base.js';
import { type ChannelsDeps, createAdapters } from './channels.js';
import type { HostContainers } from './containers.js';
import { createOperator } from './operator.js';
import type { HostOutbound } from './outbound.js';
import { sayAtOnce } from './say.js';
import { createTyping } from './typing.js';

export function createHostRegistration({ config, db, clock }: HostBase) {
  return createRegistration({
    ...{ db, clock, normalizePlatformId, isGroupChat, counterpartOf },
    assistantName: config.assistantName,
    prepareFolder: (agentGroup) => void prepareAgentFolder(config.paths.groups, agentGroup),
  });
}

/** What takes a platform's events in: the channels and the router behind them. */
export function createInbound(
  base: HostBase,
  { sessions, reader, runner }: HostContainers,
  { delivery, notices, questions, stages }: HostOutbound,
  deps: {
    registration: ReturnType<typeof createHostRegistration>;
    approvals: AnswerTaker;
    welcome(): string[];
    /** Instead of the terminal and the channels of the barrel. */
    adapters?: (given: ChannelsDeps) => ChannelAdapter[];
  },
): { router: Router; registry: ChannelRegistry; typing: ReturnType<typeof createTyping> } {
  const { config, env, log, clock, random, crashPoint, db, tasks, terminalOnly } = base;
  const router = createRouter({
    ...{ db, clock, log, crashPoint, stages },
    questions: {
      take: async (event, hearing) =>
        (await deps.approvals.take(event, hearing)) ?? questions.take(event, hearing),
    },
    sessionManager: sessions,
    attachments: createAttachmentStore({ clock }),
    containerRunner: runner,
    commands: createCommands({ sessions, reader, delivery, tasks, stages, containers: runner, clock, log }),
    pairings: createPairings({ db, clock, registration: deps.registration }),
    say: (to, text) => sayAtOnce(registry, to, text),
  });
  const registry: ChannelRegistry = createChannelRegistry({
    ...{ clock, random, log },
    adapters: (deps.adapters ?? createAdapters)({
      ...{ config, env, log, clock, random, terminalOnly },
      welcome: deps.welcome,
      settled: { db, clock, sessions, isBlocked: notices.isBlocked },
      operator: createOperator(() => registry),
    }),
    hostFor: (channelType) => ({
      async receive(event) {
        const outcome = await router.routeInbound(event);
        if (outcome.kind === 'routed') outcome.woken.forEach(typing.show);
      },
      cursors: () => listCursors(db, channelType),
      healthChanged() {
        if (registry.get(channelType)?.health().state === 'connected') delivery.channelConnected(channelType);
      },
    }),
  });
  const typing = createTyping({ clock, log, sessions, runner, channels: registry });
  return { router, registry, typing };
}
