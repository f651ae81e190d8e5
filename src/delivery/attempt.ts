import type { ChannelAdapter, DeliverRequest, DeliverResult, OutboundPart } from '../channels/adapter.js';
import type { Clock, Timer } from '../clock.js';
import type { OpenDelivery } from '../db/inbound/ledger.js';
import { shortHash } from '../ids.js';
import { limits } from './limits.js';
import { type Failure, failure, failureOf, type Outcome } from './outcome.js';

/** The request for one part; the same at every attempt, so that the platform can tell a second one. */
export function requestFor(
  sessionId: string,
  entry: OpenDelivery,
  part: OutboundPart,
): Omit<DeliverRequest, 'signal'> {
  const idempotencyKey = shortHash(`${sessionId} ${entry.key} ${entry.part}`, 24);
  return { to: entry.to, part, idempotencyKey };
}

/** Sends, bounded in time. Whoever does not answer in time may have got it: unknown. */
export async function attempt(
  adapter: ChannelAdapter,
  request: Omit<DeliverRequest, 'signal'>,
  clock: Clock,
): Promise<Outcome> {
  const result = await within(clock, (signal) => adapter.deliver({ ...request, signal }));
  return result.kind === 'done' ? { kind: 'sent', messageIds: result.value.messageIds } : result;
}

/** Asks the chat's history for what may have arrived; null: it has not. */
export async function askHistory(
  adapter: ChannelAdapter,
  request: Omit<DeliverRequest, 'signal'>,
  asked: { sentAt: number; isAnother: (messageId: string) => boolean },
  clock: Clock,
): Promise<Outcome | null> {
  const ask = async (signal: AbortSignal): Promise<DeliverResult | null> =>
    (await adapter.findSent?.({ ...request, signal }, asked.sentAt, asked.isAnother)) ?? null;
  const result = await within(clock, ask);
  if (result.kind === 'failed') return result;
  return result.value === null ? null : { kind: 'sent', messageIds: result.value.messageIds };
}

type Within<T> = { kind: 'done'; value: T } | Failure;

function within<T>(clock: Clock, work: (signal: AbortSignal) => Promise<T>): Promise<Within<T>> {
  const abort = new AbortController();
  return new Promise((resolve) => {
    let timer: Timer = clock.after(limits.sendTimeout, () => {
      // A moment to say more than that: some adapters know that nothing has left yet.
      timer = clock.after(limits.abortGrace, () => {
        resolve(failure('unknown', 'The channel did not answer in time.'));
      });
      abort.abort(new Error('the time for this delivery is over'));
    });
    const settle = (result: Within<T>) => {
      timer.cancel();
      resolve(result);
    };
    // An adapter that throws instead of rejecting is caught here as well.
    Promise.resolve()
      .then(() => work(abort.signal))
      .then(
        (value) => settle({ kind: 'done', value }),
        (error: unknown) => settle(failureOf(error)),
      );
  });
}
