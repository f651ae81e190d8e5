import { expect, it } from 'vitest';
import { type CentralDb, openCentralDb } from '../../../src/db/central/index.js';
import { getMessagingGroup } from '../../../src/db/central/messaging-groups.js';
import type { InboundDb } from '../../../src/db/inbound/index.js';
import { getTask } from '../../../src/db/inbound/tasks.js';
import { type OutboundDb, readOutbound } from '../../../src/db/outbound/index.js';

interface Handles {
  central: CentralDb;
  inbound: InboundDb;
  outbound: OutboundDb;
}

/** The type check is the test: an unused expectation fails it. */
const wrong: Record<string, (handles: Handles) => unknown> = {
  // @ts-expect-error A query of inbound.db on the central database does not compile.
  'inbound on central': ({ central }) => getTask(central, 'x'),
  // @ts-expect-error A query of inbound.db on outbound.db does not compile.
  'inbound on outbound': ({ outbound }) => getTask(outbound, 'x'),
  // @ts-expect-error A query of the central database on inbound.db does not compile.
  'central on inbound': ({ inbound }) => getMessagingGroup(inbound, 'x'),
  // @ts-expect-error A query of the central database on outbound.db does not compile.
  'central on outbound': ({ outbound }) => getMessagingGroup(outbound, 'x'),
  // @ts-expect-error A query of outbound.db on the central database does not compile.
  'outbound on central': ({ central }) => readOutbound(central, '', 0, 0),
  // @ts-expect-error A query of outbound.db on inbound.db does not compile.
  'outbound on inbound': ({ inbound }) => readOutbound(inbound, '', 0, 0),
};

it('a query on the wrong database does not compile, and finds no table', () => {
  const central = openCentralDb(':memory:');
  const handles = { central, inbound: central as never, outbound: central as never };
  expect(Object.keys(wrong)).toHaveLength(6);
  expect(() => wrong['inbound on central']?.(handles)).toThrow('no such table');
  central.close();
});
