import { describe, expect, it, onTestFinished } from 'vitest';
import { openCentralDb } from '../../src/db/central.js';
import {
  addDeliveryRequest,
  type DeliveryRequest,
  deliveryRequestOutcome,
  openDeliveryRequests,
} from '../../src/db/delivery-requests.js';
import { ensureSession } from '../../src/db/sessions.js';
import { createDeliveryRequests } from '../../src/delivery-requests.js';
import { silentLog } from '../fakes/log.js';
import { createHarness } from './registration/harness.js';

function world(answer: (key: string) => boolean) {
  const { db, register } = createHarness();
  const { agentGroup, messagingGroup } = register();
  const key = { agentGroupId: agentGroup.id, messagingGroupId: messagingGroup.id, threadId: '' };
  const { id: sessionId } = ensureSession(db, key, 1);
  const done: string[] = [];
  const act = (action: string) => async (_session: string, delivery: string) => {
    done.push(`${action} ${delivery}`);
    return answer(delivery);
  };
  const delivery = { retry: act('retry'), discard: act('discard') };
  const requests = createDeliveryRequests({ db, delivery, log: silentLog });
  const ask = (delivery: string, action: DeliveryRequest['action'] = 'retry', now = 1) =>
    addDeliveryRequest(db, { sessionId, key: delivery, action }, now);
  return { db, requests, ask, done };
}

describe('delivery requests', () => {
  it('are carried out once, in order, with what came of them', async () => {
    const { db, requests, ask, done } = world((key) => key !== 'out:2');
    const ids = [ask('out:1'), ask('out:2', 'discard')];
    await requests.apply();
    await requests.apply();
    expect(done).toEqual(['retry out:1', 'discard out:2']);
    expect(ids.map((id) => deliveryRequestOutcome(db, id))).toEqual(['done', 'nothing']);
  });

  it('that fail stop no other, and are not tried for ever', async () => {
    const { db, requests, ask, done } = world((key) => {
      if (key === 'out:1') throw new Error('its files cannot be used');
      return true;
    });
    const ids = [ask('out:1'), ask('out:2')];
    await requests.apply();
    await requests.apply();
    expect(ids.map((id) => deliveryRequestOutcome(db, id))).toEqual(['failed', 'done']);
    expect(done).toHaveLength(2);
  });

  it('that come while others are carried out are seen too', async () => {
    const late: (() => void)[] = [];
    const { db, requests, ask } = world(() => {
      late.pop()?.();
      return true;
    });
    late.push(() => {
      ask('out:2');
      void requests.apply();
    });
    ask('out:1');
    await requests.apply();
    expect(openDeliveryRequests(db)).toEqual([]);
  });

  it('are forgotten a week after they were settled', async () => {
    const { db, requests, ask } = world(() => true);
    const old = ask('out:1');
    await requests.apply();
    ask('out:2', 'retry', 8 * 86_400_000);
    expect(deliveryRequestOutcome(db, old)).toBeNull();
    expect(openDeliveryRequests(db)).toHaveLength(1);
  });
});

describe('the migration', () => {
  it('comes to a database that is there already', () => {
    const db = openCentralDb(':memory:');
    onTestFinished(() => void db.close());
    expect(openDeliveryRequests(db)).toEqual([]);
  });
});
