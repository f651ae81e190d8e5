import { z } from 'zod';
import { within } from '../../async/deadline.js';
import type { Clock } from '../../clock.js';
import type { Log } from '../../log/index.js';
import type { ChannelError } from '../adapter.js';
import { errorOfStatus, graphErrorSchema } from './errors.js';

/** What became of a message, as the webhook tells it. */
export const statusSchema = z.object({
  id: z.string(),
  status: z.string(),
  errors: z.array(graphErrorSchema).default([]),
});
export type WhatsAppStatus = z.infer<typeof statusSchema>;

/** How long a send waits for its status: within a second or two, mostly. */
const LONGEST_WAIT_MS = 3000;
const MOST_RECENT = 500;

export interface StatusDeps {
  clock: Clock;
  log: Log;
  /** Aborted at stop. */
  signal: AbortSignal;
}

/**
 * WhatsApp answers a send before it knows whether it may deliver: that the 24 hours are over, or that the number has
 * no WhatsApp, comes later, as a status. A send waits for it for a moment, so that its failure is one of the delivery.
 */
export function createStatuses(deps: StatusDeps) {
  const waiting = new Map<string, (error: ChannelError | null) => void>();
  const recent = new Map<string, ChannelError | null>();
  /** Where statuses do not come (the webhook's address is wrong), only one send waits in vain. */
  let come = true;

  return {
    /** Rejects with why the message with this id was not delivered, where that is told in time. */
    async settled(id: string, signal: AbortSignal | undefined): Promise<void> {
      let outcome = recent.get(id);
      if (outcome === undefined && come) outcome = await told(id, signal);
      if (outcome) throw outcome;
    },
    take({ id, status, errors }: WhatsAppStatus): void {
      come = true;
      const error = status === 'failed' ? errorOfStatus(errors[0]?.code ?? null) : null;
      const tell = waiting.get(id);
      if (tell) tell(error);
      else remember(id, error);
      if (error) deps.log.warn({ message: id, code: error.code }, 'WhatsApp did not deliver a message');
    },
  };

  /** It may come before the answer to the send has been read. */
  function remember(id: string, error: ChannelError | null): void {
    recent.set(id, error);
    for (const oldest of recent.keys()) {
      if (recent.size <= MOST_RECENT) break;
      recent.delete(oldest);
    }
  }

  async function told(id: string, signal: AbortSignal | undefined): Promise<ChannelError | null> {
    const callers = [deps.signal, signal];
    let outcome: ChannelError | null | undefined;
    const until = (ending: AbortSignal) =>
      new Promise<void>((resolve) => {
        waiting.set(id, (error) => {
          outcome = error;
          resolve();
        });
        ending.addEventListener('abort', () => resolve(), { once: true });
        if (ending.aborted) resolve();
      });
    await within(deps.clock, LONGEST_WAIT_MS, callers, until);
    waiting.delete(id);
    if (outcome === undefined && !callers.some((one) => one?.aborted)) come = false;
    return outcome ?? null;
  }
}

export type Statuses = ReturnType<typeof createStatuses>;
