import { z } from 'zod';
import { channelOf } from '../src/channels/catalog/index.js';
import type { ChannelState } from '../src/channels/cli/protocol.js';
import { installationIdOf, pathsOf } from '../src/config.js';
import { INSTALLATION } from '../src/engine/docker/labels.js';
import { createEnvFile } from '../src/env-file.js';
import { hostState } from '../src/host/state.js';
import { readStatus, type Status } from '../src/host/status.js';
import { shownName } from '../src/shown-name.js';
import { askAbout, askChannels } from './lib/ask-host.js';
import { dockerState } from './lib/docker-state.js';
import { withPresentDb } from './lib/installation.js';
import type { Fields, Step, StepContext, StepResult } from './lib/step.js';

const LONGEST_LIST = 20;

export const status: Step = {
  name: 'status',
  class: 'reads',
  summary: 'what is wired, running, queued, late, dropped and dead; works while the host is down',
  flags: [],
  async run(_flags, context) {
    const { home, clock } = context;
    const paths = pathsOf(home);
    const host = await hostState(paths.data);
    const asked = { dataDir: paths.data, clock };
    const [channels, about] = host.running
      ? await Promise.all([askChannels(asked), askAbout(asked)])
      : [null, null];
    const running: Fields = {
      HOST: host.running ? (channels ? 'running' : 'silent') : 'stopped',
      ...(host.pid && { HOST_PID: host.pid }),
    };
    const fields: Fields = await withPresentDb(paths, async (db) => {
      if (!db) return { ...running, WIRED: 0, NOTE: 'nothing is set up here yet' };
      const found = readStatus(db, paths, clock.now());
      return {
        ...running,
        ...fieldsOf(found),
        ...(host.running ? {} : await runningNow(context, home)),
      };
    });
    const shown = {
      ...fields,
      ...(channels && { CHANNELS: channels.map(channelShown) }),
      ...(about?.longestStopMs !== undefined && { LONGEST_STOP_MS: about.longestStopMs }),
    };
    return resultOf(shown, { running: host.running, silent: host.running && !channels, channels });
  },
};

/** The exit code tells what was found: 1 where a chat that is wired gets no answer now. */
function resultOf(
  fields: Fields,
  host: { running: boolean; silent: boolean; channels: readonly ChannelState[] | null },
): StepResult {
  const found = (id: string, message: string, fix: string): StepResult => ({
    status: 'success',
    found: true,
    fields: { ...fields, FOUND: `${id}: ${message}`, FIX: fix },
  });
  const types = new Set(platformChats(fields).map((id) => channelOf(id)));
  if (!host.running && types.size > 0) {
    const fix = './wharfie service (or npm start in a terminal)';
    return found('host-not-running', 'No host runs: nobody reads the chats that are wired.', fix);
  }
  if (host.silent) {
    const fix = './wharfie service (which starts it anew); the end of data/logs/wharfie.log tells more';
    return found('host-silent', 'The host runs, and does not answer.', fix);
  }
  const down = host.channels?.find((one) => types.has(one.channelType) && one.state !== 'connected');
  if (!down) return { status: 'success', fields };
  const detail = down.detail ? `: ${down.detail}` : '';
  const message = `${down.channelType} is not connected (${down.state}${detail}).`;
  return found('channel-not-connected', message, down.fix || './wharfie verify');
}

/** Containers outlive their host: how many are up only the engine knows then. */
async function runningNow({ env }: StepContext, home: string): Promise<Fields> {
  const settings = createEnvFile(pathsOf(home).envFile).read();
  const found = await dockerState(env, settings.WHARFIE_DOCKER_SOCKET ?? null);
  if (!found.docker)
    return { RUNNING_NOTE: 'as the host last wrote it down: no host runs, and no engine answers' };
  const filters = { label: [`${INSTALLATION}=${installationIdOf(home)}`], status: ['running'] };
  return { RUNNING: (await found.docker.calls.listContainers({ filters })).length };
}

function platformChats({ CHATS }: Fields): string[] {
  const chats = z.array(z.object({ platformId: z.string() })).safeParse(CHATS);
  return (chats.data ?? []).map((chat) => chat.platformId).filter((id) => !id.startsWith('cli:'));
}

function channelShown({ channelType, state, detail, since }: ChannelState) {
  return {
    channel: channelType,
    state,
    ...(detail && { detail }),
    ...(typeof since === 'number' && { since: new Date(since).toISOString() }),
  };
}

function fieldsOf(found: Status): Fields {
  const count = (state: string) => found.troubled.filter((one) => one.state === state).length;
  const troubled = found.troubled.slice(0, LONGEST_LIST).map((one) => ({
    id: `${one.sessionId}/${one.key}`,
    state: one.state,
    chat: one.to.platformId,
    attempts: one.attempts,
    error: one.lastError,
  }));
  return {
    WIRED: found.wired.length,
    CHATS: found.wired.map((chat) => ({ ...chat, name: shownName(chat.name) })),
    SESSIONS: found.sessions,
    RUNNING: found.running,
    QUEUED: found.queued,
    ...(found.staleClaims.length > 0 && { STALE: found.staleClaims.slice(0, LONGEST_LIST) }),
    LATE: count('late'),
    UNKNOWN: count('unknown'),
    DEAD: count('dead'),
    GIVEN_UP: found.givenUp,
    ...(found.setAside > 0 && { SET_ASIDE: found.setAside }),
    DROPPED: found.dropped,
    ...(found.times.length > 0 && { TIMES_MS: found.times }),
    ...(troubled.length > 0 && { TROUBLED: troubled }),
    ...(found.bad.length > 0 && { BAD_WIRINGS: found.bad }),
    ...(found.unreadable.length > 0 && { UNREADABLE: found.unreadable.slice(0, LONGEST_LIST) }),
  };
}
