import { createActionRegistry, createActions } from '../actions/index.js';
import { createAsks } from '../asks/index.js';
import type { ChannelRegistry } from '../channels/registry/index.js';
import { createDelivery } from '../delivery.js';
import { readFileNoFollow } from '../files/no-follow.js';
import { createHostSweep } from '../host-sweep.js';
import { createStageWatch } from '../metrics/index.js';
import { createTaskBounds } from '../tasks/bounds.js';
import { createTaskControl } from '../tasks/control.js';
import { createSay, createVoice, type HostVoice } from '../voice/index.js';
import type { HostBase } from './base.js';
import { createBlockedNotices } from './blocked.js';
import type { HostContainers } from './containers.js';

/** What becomes of what containers write and of containers that end: delivery, notices, asks, the sweep. */
export function createOutbound(
  { config, log, clock, random, crashPoint, db, tasks }: HostBase,
  { sessions, disk, reader, runner }: HostContainers,
  channels: Pick<ChannelRegistry, 'get'>,
) {
  const asks = createAsks({
    ...{ db, clock, log, sessions, channels, containers: runner },
    notice: (sessionId, notice) => delivery.notice(sessionId, notice),
  });
  const stages = createStageWatch({ db, clock, log, sessions });
  const bounds = createTaskBounds({ db, sessions, log });
  const actions = createActionRegistry(createActions({ timeZone: config.timeZone, bounds }));
  const taskControl = createTaskControl({
    ...{ db, sessions, clock, bounds, timeZone: config.timeZone },
    wake: (sessionId) => runner.wake(sessionId),
  });
  const delivery = createDelivery({
    ...{ sessions, reader, channels, tasks, asks, stages, clock, random, log, crashPoint },
    central: db,
    containers: runner,
    actions,
    readFile: readFileNoFollow,
    tellOwner: (news) => voice.owner(news),
  });
  const voice: HostVoice = createVoice({
    ...{ db, clock, log, sessions, durable: delivery.notice },
    say: createSay({ clock, channels }),
  });
  const notices = createBlockedNotices({ clock, log, sessions, voice });
  const sweep = createHostSweep({
    ...{ clock, log, sessions, runner, tasks, asks, disk },
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
  return { asks, stages, delivery, voice, notices, sweep, taskControl };
}

export type HostOutbound = ReturnType<typeof createOutbound>;
