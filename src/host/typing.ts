import type { ChannelRegistry } from '../channels/registry/index.js';
import type { Clock, Timer } from '../clock.js';
import type { RunningSessions } from '../container-runner.js';
import { oldestOpen } from '../db/inbound/open-work.js';
import { reasonOf } from '../errors.js';
import type { Log } from '../log/index.js';
import type { SessionManager } from '../session-manager.js';

/** Telegram lets "typing…" fade after 5 s, Discord after 10 s. */
const EVERY_MS = 4000;

/**
 * Shows "typing…" in the chat whose message is being worked on, for as long as a container of the session runs and the
 * message is open: it fades by itself when the agent has answered or died.
 */
export function createTyping(deps: {
  clock: Clock;
  log: Log;
  sessions: Pick<SessionManager, 'read'>;
  runner: Pick<RunningSessions, 'running'>;
  channels: Pick<ChannelRegistry, 'get'>;
}): { show(sessionId: string): void; start(): void; stop(): void } {
  const { clock, log, sessions } = deps;
  let timer: Timer | null = null;

  const showNow = async (sessionId: string) => {
    const [message] = sessions.read(sessionId, (db) => oldestOpen(db, clock.now(), 1));
    if (message?.kind === 'chat') await deps.channels.get(message.channelType)?.setTyping(message);
  };
  const show = (sessionId: string) => {
    showNow(sessionId).catch((error: unknown) => {
      log.debug({ session: sessionId, reason: reasonOf(error) }, 'typing not shown');
    });
  };
  const pass = () => {
    for (const { sessionId } of deps.runner.running()) show(sessionId);
    timer = clock.after(EVERY_MS, pass);
  };
  return {
    show,
    start: pass,
    stop: () => timer?.cancel(),
  };
}
