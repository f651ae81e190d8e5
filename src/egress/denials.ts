import type { Clock } from '../clock.js';
import type { Log } from '../log/index.js';

/** A row for `audit`; the id and the time are added there. */
export interface EgressDenial {
  actor: 'egress';
  action: 'egress.denied';
  /** What was asked for, `CONNECT example.com:443` or `GET /v1/files`; at most 300 characters. */
  subject: string;
  detail: {
    agentGroup: string;
    session: string;
    reason: string;
    repeated: number;
    /** The field, the type or the name that it was about. */
    what?: string;
  };
}

export interface DenialRecorder {
  record(denial: {
    session: string;
    agent: string;
    reason: string;
    subject: string;
    what?: string | undefined;
  }): void;
}

const REMEMBERED_MS = 10 * 60_000;
const MAX_ROWS_PER_WINDOW = 100;
const MAX_SESSIONS = 1000;

/**
 * Writes refusals into `audit` without letting a container fill it: the same refusal of a session is one row in ten
 * minutes (the next one tells how often it was repeated), and a session gets at most 100 rows in that time.
 */
export function createDenialRecorder(deps: {
  audit(row: EgressDenial): void;
  clock: Clock;
  log: Log;
}): DenialRecorder {
  const sessions = new Map<
    string,
    { since: number; repeats: Map<string, number>; before: Map<string, number> }
  >();
  return {
    record({ session, agent, reason, subject: asked, what: about }) {
      const subject = printable(asked);
      const now = deps.clock.monotonic();
      const found = sessions.get(session);
      const fresh = !found || now - found.since >= REMEMBERED_MS;
      const seen = fresh ? { since: now, repeats: new Map(), before: found?.repeats ?? new Map() } : found;
      // Re-inserted at the end, so that the first one is the longest unused.
      sessions.delete(session);
      sessions.set(session, seen);
      const [oldest] = sessions.keys();
      if (sessions.size > MAX_SESSIONS && oldest !== undefined) sessions.delete(oldest);
      const what = about === undefined ? undefined : printable(about);
      const key = `${reason} ${subject} ${what ?? ''}`;
      const repeats = seen.repeats.get(key);
      if (repeats !== undefined) seen.repeats.set(key, repeats + 1);
      if (repeats !== undefined || seen.repeats.size >= MAX_ROWS_PER_WINDOW) return;
      seen.repeats.set(key, 0);
      const repeated = seen.before.get(key) ?? 0;
      const detail = {
        agentGroup: agent,
        session,
        reason,
        repeated,
        ...(what === undefined ? {} : { what }),
      };
      deps.log.warn({ session, agent, reason, subject, what }, 'egress refused');
      try {
        deps.audit({ actor: 'egress', action: 'egress.denied', subject, detail });
      } catch (error) {
        deps.log.error({ session, err: error }, 'egress refusal not recorded');
      }
    },
  };
}

const printable = (text: string) => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 300);
