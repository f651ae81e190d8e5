import { describe, expect, it, onTestFinished } from 'vitest';
import { addAudit, listAudit } from '../../../src/db/central/audit.js';
import { claimDropWarning, countDropped, listDropped } from '../../../src/db/central/dropped-messages.js';
import {
  forgetEnabledChannel,
  listEnabledChannels,
  rememberEnabledChannel,
} from '../../../src/db/central/enabled-channels.js';
import { openCentralDb } from '../../../src/db/central/index.js';
import { advanceCursor, listCursors } from '../../../src/db/central/messaging-groups.js';
import { claimRefusalReply } from '../../../src/db/central/refused-senders.js';
import {
  listMemberships,
  membershipsOf,
  removeMembership,
  roleIn,
  setMembership,
} from '../../../src/db/central/users.js';
import { createHarness } from '../people/registration/harness.js';

function open() {
  const db = openCentralDb(':memory:');
  onTestFinished(() => void db.close());
  return db;
}

const DAY_MS = 86_400_000;
const chat = { channelType: 'x', platformId: 'x:1' };

describe('memberships', () => {
  it('give one role a person and scope; blocked outweighs all, then the strongest counts', () => {
    const { db, register } = createHarness();
    const a = register().agentGroup.id;
    const b = register({ folder: 'b' }).agentGroup.id;
    const set = (agentGroupId: string | null, role: 'owner' | 'admin' | 'member' | 'blocked') =>
      setMembership(db, { userId: 'x:1', name: 'Ada', agentGroupId, role, now: 1 });
    const roles = () => [a, b].map((group) => roleIn(membershipsOf(db, 'x:1'), group));
    expect(roles()).toEqual([null, null]);
    set(a, 'member');
    expect(roles()).toEqual(['member', null]);
    set(null, 'admin');
    expect(roles()).toEqual(['admin', 'admin']);
    set(a, 'blocked');
    expect(roles()).toEqual(['blocked', 'admin']);
    set(null, 'owner');
    expect(listMemberships(db)).toHaveLength(2);
    expect(removeMembership(db, 'x:1', null)).toBe(true);
    expect(roles()).toEqual(['blocked', null]);
  });
});

describe('dropped messages', () => {
  it('are counted by chat, reason and day, and kept 30 days', () => {
    const db = open();
    const start = Date.UTC(2026, 0, 1);
    countDropped(db, chat, 'unwired', start);
    countDropped(db, chat, 'unwired', start + 1);
    countDropped(db, chat, 'unwired', start + DAY_MS);
    expect(listDropped(db, start).map((row) => [row.day, row.count])).toEqual([
      ['2026-01-01', 2],
      ['2026-01-02', 1],
    ]);
    countDropped(db, chat, 'unwired', start + 31 * DAY_MS);
    expect(listDropped(db, start).map((row) => row.day)).toEqual(['2026-01-02', '2026-02-01']);
  });

  it('keep 5000 rows however many chats there are', () => {
    const db = open();
    const flood = db.transaction(() => {
      for (let n = 0; n < 5_010; n += 1) {
        countDropped(db, { channelType: 'x', platformId: `x:${n}` }, 'unwired', 0);
      }
    });
    flood();
    expect(listDropped(db, 0)).toHaveLength(5_000);
  });

  it('are warned of again when the clock was set back', () => {
    const db = open();
    const warn = (now: number) => {
      countDropped(db, chat, 'unwired', now);
      return claimDropWarning(db, chat, 'unwired', now, 1000);
    };
    expect([warn(DAY_MS), warn(DAY_MS + 999), warn(0), warn(500)]).toEqual([true, false, true, true]);
  });
});

describe('refused senders', () => {
  it('get two replies ever, and new ones none once there are too many', () => {
    const db = open();
    const claim = (sender: string) => claimRefusalReply(db, sender, 1, { replies: 2, maxSenders: 2 });
    expect([claim('a'), claim('a'), claim('a')]).toEqual([true, true, false]);
    expect([claim('b'), claim('c'), claim('b')]).toEqual([true, false, true]);
  });
});

describe('the audit', () => {
  it('forgets what containers caused before it forgets what people did', () => {
    const db = open();
    const fill = db.transaction(() => {
      addAudit(db, { actor: 'ada', action: 'role.changed', subject: 'bob', detail: { role: 'admin' } }, 1);
      for (let n = 0; n < 20_005; n += 1) {
        addAudit(db, { actor: 'egress', action: 'egress.denied', subject: 'evil.example' }, 2);
      }
    });
    fill();
    const entries = listAudit(db, 30_000);
    expect(entries).toHaveLength(20_001);
    expect(entries.at(-1)).toEqual({
      actor: 'ada',
      action: 'role.changed',
      subject: 'bob',
      detail: { role: 'admin' },
      at: 1,
    });
  });
});

describe('small tables', () => {
  it('remember enabled channels with their last version', () => {
    const db = open();
    rememberEnabledChannel(db, { channelType: 'slack', package: 'p', version: '1' }, 1);
    rememberEnabledChannel(db, { channelType: 'slack', package: 'p', version: '2' }, 2);
    expect(listEnabledChannels(db)).toEqual([{ channelType: 'slack', package: 'p', version: '2' }]);
    expect([forgetEnabledChannel(db, 'slack'), forgetEnabledChannel(db, 'slack')]).toEqual([true, false]);
  });

  it('give cursors of wired chats only', () => {
    const h = createHarness();
    const wiredAt = h.clock.now();
    h.register();
    h.register({ platformId: 'telegram:-2' });
    h.registration.unregister({ channelType: 'telegram', platformId: 'telegram:-2' });
    expect(listCursors(h.db, 'telegram')).toEqual([
      { platformId: 'telegram:-1', lastMessageId: null, lastAt: wiredAt, wiredAt },
    ]);
  });

  it('a cursor begins when the chat is wired, and goes on from what was taken in since', () => {
    const h = createHarness();
    const { messagingGroup } = h.register();
    const chat = { channelType: 'telegram', platformId: 'telegram:-1' };
    const cursor = () => listCursors(h.db, 'telegram')[0];
    advanceCursor(h.db, messagingGroup.id, '7', h.clock.now() + 5);
    expect(cursor()).toMatchObject({ lastMessageId: '7', lastAt: h.clock.now() + 5 });
    h.registration.unregister(chat);
    h.clock.jumpWall(60_000);
    h.register();
    expect(cursor()).toMatchObject({ lastMessageId: null, lastAt: h.clock.now() });
  });
});
