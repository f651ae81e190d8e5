import { counterpartOf, isGroupChat, normalizePlatformId } from '../channels/catalog.js';
import { type ChannelRegistry, createChannelRegistry } from '../channels/registry.js';
import { createCommands } from '../commands.js';
import { listCursors } from '../db/messaging-groups.js';
import { createAttachmentStore } from '../files/attachments.js';
import { createPairings } from '../pairing.js';
import { prepareAgentFolder } from '../registration/agent-folder.js';
import { createRegistration } from '../registration.js';
import { createRouter, type Router } from '../router.js';
import type { HostBase } from './base.js';
import { createAdapters } from './channels.js';
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
  { delivery, notices, questions }: HostOutbound,
  deps: { registration: ReturnType<typeof createHostRegistration>; welcome(): string[] },
): { router: Router; registry: ChannelRegistry; typing: ReturnType<typeof createTyping> } {
  const { config, env, log, clock, random, crashPoint, db, tasks } = base;
  const router = createRouter({
    ...{ db, clock, log, crashPoint, questions },
    sessionManager: sessions,
    attachments: createAttachmentStore({ clock }),
    containerRunner: runner,
    commands: createCommands({ sessions, reader, delivery, tasks, containers: runner, clock, log }),
    pairings: createPairings({ db, clock, registration: deps.registration }),
    say: (to, text) => sayAtOnce(registry, to, text),
  });
  const registry: ChannelRegistry = createChannelRegistry({
    ...{ clock, random, log },
    adapters: createAdapters({
      ...{ config, env, log, clock, random },
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
