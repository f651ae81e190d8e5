import { moveAgentFolders } from '../agent-folders/move.js';
import { watchApprovals } from '../credentials/onecli/approvals.js';
import { reasonOf } from '../errors.js';
import { createBase, type HostGiven } from './base.js';
import { watchCentral } from './central-watch.js';
import { createContainers } from './containers.js';
import { createHostRegistration, createInbound } from './inbound.js';
import { ensureLocalChat, missingForClaude, welcomeLines } from './local-chat.js';
import { createOutbound } from './outbound.js';
import { createSessionRequests } from './session-requests.js';

export interface Host {
  /** Stops intake, finishes what is on its way (10 s), lets go of containers: they go on and are taken up again. */
  stop(): Promise<void>;
}

const DELIVERY_GRACE_MS = 10_000;
const HELD_FIRST_MS = 10_000;

/** Builds every part, hands each what it needs, and starts them. The caller holds the host lock. */
export async function startHost(given: HostGiven): Promise<Host> {
  const base = createBase(given);
  const { config, log, clock, db, crashPoint } = base;
  moveAgentFolders({ db, paths: config.paths, log, crashPoint });
  // What is built later is reached through these two functions, and only once everything runs.
  const containers = createContainers(base, (sessionId, dueAt) =>
    outbound.sweep.dueChanged(sessionId, dueAt),
  );
  const channels = { get: (channelType: string) => inbound.registry.get(channelType) };
  const outbound = createOutbound(base, containers, channels);
  const registration = createHostRegistration(base);
  const inbound = createInbound(base, containers, outbound, {
    registration,
    welcome: () => welcomeLines(localAgent, missing),
  });
  const { sessions, reader, credentials, gateway, engines, runner } = containers;
  const { asks, delivery, stages, sweep, taskControl } = outbound;
  const { router, parser, registry, typing, setAside } = inbound;
  const requests = createSessionRequests({ db, delivery, tasks: taskControl, log });

  const [missing] = await Promise.all([
    missingForClaude({ engine: engines.claude, credentials, clock }),
    runner.boot(),
  ]);
  const localAgent = ensureLocalChat({ db, registration, assistantName: config.assistantName, missing });
  // Not waited for: one session that cannot be read just now would keep every channel from starting.
  void sweep.start();
  const takeUp = (change: Promise<unknown>) =>
    change.catch((error: unknown) => log.error({ reason: reasonOf(error) }, 'change of a step not taken up'));
  // Waited for: what was held is older than what the channels will bring. But not for long: a session that takes nothing
  // in would keep every channel from starting.
  await takeUp(router.replayHeldFor(HELD_FIRST_MS));
  void takeUp(requests.apply());
  setAside.tell();
  setAside.retryAsked();
  registry.start();
  typing.start();
  const watch = watchCentral({
    db,
    clock,
    onChange() {
      void takeUp(router.replayHeld());
      void takeUp(requests.apply());
      setAside.retryAsked();
      void runner.takeUpPolicies();
    },
  });
  const { decide } = asks;
  const asking = watchApprovals({ envFile: base.env, fallback: process.env, clock, log, decide });
  log.info({ installation: config.installationId, channels: registry.status().length }, 'host started');

  return {
    async stop() {
      log.info('host stopping');
      watch.stop();
      asking.stop();
      typing.stop();
      await router.close();
      sweep.stop();
      await delivery.stop(DELIVERY_GRACE_MS);
      await registry.stop();
      parser.close();
      await runner.close();
      await gateway.stop();
      await reader.close();
      await sessions.close();
      stages.flush();
      db.close();
      log.info('host stopped');
    },
  };
}
