import type { Status } from '../../src/host/status.js';
import { UsageError } from '../lib/flags.js';

const LIST = 'See them: ./wharfie deliveries --list';

/** The troubled delivery that a person names by the id of the list, or by its last part where that is enough. */
export function findDelivery(
  { troubled }: Pick<Status, 'troubled'>,
  given: string,
  action: 'retry' | 'discard',
): Status['troubled'][number] {
  const named = troubled.filter((one) => [`${one.sessionId}/${one.key}`, one.key].includes(given));
  const [first] = named;
  if (!first)
    throw new UsageError('no-such-delivery', `No delivery ${JSON.stringify(given)} is in trouble.`, LIST);
  if (named.some((one) => one.sessionId !== first.sessionId)) {
    throw new UsageError(
      'ambiguous-delivery',
      `${given} is in several conversations.`,
      `Give the whole id. ${LIST}`,
    );
  }
  const settled = named.find((one) => one.state !== 'late');
  if (settled) return settled;
  const why = 'It is late, and is tried again by itself until it arrives or is given up.';
  throw new UsageError('still-trying', why, `There is nothing to ${action} yet. ${LIST}`);
}
