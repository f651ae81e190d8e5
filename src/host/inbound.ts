import type { ChannelAdapter } from '../channels/adapter.js';
import { counterpartOf, isGroupChat, normalizePlatformId } from '../channels/catalog/index.js';
import { type ChannelRegistry, createChannelRegistry } from '../channels/registry/index.js';
import { createCommands } from '../commands/index.js';
import { currentId, recordMove } from '../db/central/chat-moves.js';
import { listCursors } from '../db/central/messaging-groups.js';
import { membershipsOf } from '../db/central/users.js';
import { reasonOf } from '../errors.js';
import { createAttachmentStore } from '../files/attachments.js';
import { createParser, type Parser } from '../parser/index.js';
import { createPairings } from '../people/pairing.js';
import { prepareAgentFolder } from '../people/registration/agent-folder.js';
import { createRegistration } from '../people/registration/index.js';
import { createQuarantine } from '../quarantine/index.js';
import { retakeSetAside } from '../quarantine/retake.js';
import { createSetAsideWord } from '../quarantine/word.js';
import { createDoorkeeper } from '../router/admission.js';
import { createRouter, type Router } from '../router.js';
import type { HostBase } from './base.js';
import { type ChannelsDeps, createAdapters } from './channels.js';
import type { HostContainers } from './containers.js';
import { createOperator } from './operator.js';
import type { HostOutbound } from './outbound.js';
import { createTyping } from './typing.js';

/** Whose texts are parsed before those of others. */
const FIRST_PARSED = ['owner', 'admin', 'member'] as const;

export function createHostRegistration({ config, db, clock }: HostBase) {
  return createRegistration({
    ...{ db, clock, normalizePlatformId, isGroupChat, counterpartOf },
    assistantName: config.assistantName,
    prepareFolder: (agentGroup) => void prepareAgentFolder(config.paths, agentGroup),
  });
}

/** What takes a platform's events in: the channels and the router behind them. */
export function createInbound(
  base: HostBase,
  { sessions, reader, runner }: HostContainers,
  { asks, delivery, voice, notices, stages, taskControl }: HostOutbound,
  deps: {
    registration: ReturnType<typeof createHostRegistration>;
    welcome(): string[];
    /** Instead of the terminal and the channels of the barrel. */
    adapters?: (given: ChannelsDeps) => ChannelAdapter[];
  },
): {
  router: Router;
  parser: Parser;
  registry: ChannelRegistry;
  typing: ReturnType<typeof createTyping>;
  setAside: { tell(): void; retryAsked(): void };
} {
  const { config, env, log, clock, random, crashPoint, db, tasks, terminalOnly, watchdog } = base;
  const tellSetAside = createSetAsideWord({ db, clock, log, sessions, voice });
  const quarantine = createQuarantine({
    ...{ db, clock, log, tell: tellSetAside },
    retake: (message) => retakeSetAside({ registry, router }, message),
  });
  const router = createRouter({
    ...{ db, clock, log, crashPoint, stages, quarantine, voice, asks },
    sessionManager: sessions,
    attachments: createAttachmentStore({ clock }),
    containerRunner: runner,
    commands: createCommands({
      ...{ sessions, reader, delivery, voice, tasks, taskControl, stages, clock, log, db },
      containers: runner,
      timeZone: config.timeZone,
    }),
    pairings: createPairings({ db, clock, registration: deps.registration }),
  });
  const door = createDoorkeeper({ db, clock, log });
  const parser = createParser({
    ...{ clock, log },
    rankOf(sender) {
      const roles = membershipsOf(db, sender).map(({ role }) => role);
      const best = FIRST_PARSED.findIndex((role) => roles.includes(role));
      return best < 0 ? FIRST_PARSED.length : best;
    },
  });
  const registry: ChannelRegistry = createChannelRegistry({
    ...{ clock, random, log },
    currentId: (channelType, platformId) => currentId(db, channelType, platformId),
    adapters: (deps.adapters ?? createAdapters)({
      ...{ config, env, log, clock, random, terminalOnly, parser },
      welcome: deps.welcome,
      settled: { db, clock, sessions, isBlocked: notices.isBlocked },
      operator: createOperator({
        registry: () => registry,
        ...{ voice, config, terminalOnly, clock, watchdog },
        env: process.env,
      }),
    }),
    hostFor: (channelType) => ({
      async receive(event) {
        const done = watchdog.doing(`${channelType}: ${event.platformId} ${event.messageId}`);
        const outcome = await router.routeInbound(event).finally(done);
        if (outcome.kind === 'routed') outcome.woken.forEach(typing.show);
        if (outcome.kind !== 'duplicate') door.took(event);
      },
      admits: (asked) => door.admits({ channelType, ...asked }),
      unread: (message, error) => quarantine.failed(message, error),
      moved(move) {
        if (!recordMove(db, { channelType, ...move }, clock.now())) return;
        log.info({ channel: channelType, ...move }, 'the chat has another id from now on');
      },
      cursors: () => listCursors(db, channelType),
      healthChanged() {
        if (registry.get(channelType)?.health().state !== 'connected') return;
        delivery.channelConnected(channelType);
        setAside.retryAsked();
      },
    }),
  });
  const setAside = {
    tell: tellSetAside,
    retryAsked: () =>
      void quarantine
        .retryAsked()
        .catch((error: unknown) => log.error({ reason: reasonOf(error) }, 'set-aside messages not retried')),
  };
  const typing = createTyping({ clock, log, sessions, runner, channels: registry });
  return { router, parser, registry, typing, setAside };
}
