import { createActionRegistry, createActions } from '../actions/index.js';
import type { ChannelRegistry } from '../channels/registry.js';
import { createDelivery } from '../delivery.js';
import { readFileNoFollow } from '../files/no-follow.js';
import { createHostSweep } from '../host-sweep.js';
import { createQuestions } from '../questions.js';
import { createStageWatch } from '../stage-times.js';
import type { HostBase } from './base.js';
import { createBlockedNotices } from './blocked.js';
import type { HostContainers } from './containers.js';
import { createTellOwner } from './tell-owner.js';

/** What becomes of what containers write and of containers that end: delivery, notices, questions, the sweep. */
export function createOutbound(
  { config, log, clock, random, crashPoint, db, tasks }: HostBase,
  { sessions, disk, reader, runner }: HostContainers,
  channels: Pick<ChannelRegistry, 'get'>,
) {
  const questions = createQuestions({
    ...{ db, clock, log, sessions, containers: runner },
    notice: (sessionId, notice) => delivery.notice(sessionId, notice),
  });
  const stages = createStageWatch({ db, clock, log, sessions });
  const delivery = createDelivery({
    ...{ sessions, reader, channels, tasks, questions, stages, clock, random, log, crashPoint },
    central: db,
    containers: runner,
    actions: createActionRegistry(createActions({ timeZone: config.timeZone })),
    readFile: readFileNoFollow,
    tellOwner: (news) => tellOwner(news),
  });
  const tellOwner = createTellOwner({ db, log, sessions, notice: delivery.notice });
  const notices = createBlockedNotices({ clock, log, sessions, notice: delivery.notice });
  const sweep = createHostSweep({
    ...{ clock, log, sessions, runner, tasks, questions, disk },
    central: db,
    drain: delivery.drain,
    limits: { idleMs: config.idleStopMs, turnMs: config.turnLimitMs },
  });
  runner.onRing((sessionId) => {
    notices.unblocked(sessionId);
    void delivery.drain(sessionId);
  });
  runner.onBlocked(notices.blocked);
  runner.onExit(sweep.handleExit);
  return { questions, stages, delivery, notices, sweep };
}

export type HostOutbound = ReturnType<typeof createOutbound>;
