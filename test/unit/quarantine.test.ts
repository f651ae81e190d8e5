import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UnreadMessage } from '../../src/channels/adapter.js';
import { type CentralDb, openCentralDb } from '../../src/db/central/index.js';
import {
  askRetry,
  discardSetAside,
  listSetAside,
  SET_ASIDE_LIMITS,
  type SetAside,
} from '../../src/db/central/set-aside.js';
import { setMembership } from '../../src/db/central/users.js';
import { createQuarantine, type QuarantineDeps } from '../../src/quarantine/index.js';
import { createFakeClock } from '../fakes/clock.js';
import { silentLog } from '../fakes/log.js';

const ADA = 'discord:1';
const poison = (id: string, changes: Partial<UnreadMessage> = {}): UnreadMessage => ({
  channelType: 'discord',
  platformId: 'discord:@me:7',
  threadId: '',
  platformMessageId: id,
  senderId: ADA,
  saidAt: 1_000,
  raw: { id, words: 'hello' },
  ...changes,
});
const error = new RangeError('Maximum call stack size exceeded');

let folder: string;
let db: CentralDb;
let told: number;
let retaken: SetAside[];
const clock = createFakeClock();

function open(changes: Partial<QuarantineDeps> = {}) {
  return createQuarantine({
    ...{ db, clock, log: silentLog },
    tell() {
      told += 1;
    },
    retake: async (message) => {
      retaken.push(message);
      return 'taken';
    },
    ...changes,
  });
}

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'quarantine-'));
  db = openCentralDb(path.join(folder, 'v2.db'));
  told = 0;
  retaken = [];
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true });
});

const threeTimes = (quarantine: ReturnType<typeof open>, message: UnreadMessage) =>
  [1, 2, 3].map(() => quarantine.failed(message, error));

describe('a message that fails', () => {
  it('is set aside the third time, with what is known of it, and its chat is told once', () => {
    const quarantine = open();
    expect(threeTimes(quarantine, poison('1'))).toEqual(['again', 'again', 'set-aside']);
    const [row] = listSetAside(db);
    expect(row).toMatchObject({
      ...{ channelType: 'discord', platformId: 'discord:@me:7', platformMessageId: '1', senderId: ADA },
      ...{ failures: 3, reason: 'Maximum call stack size exceeded', stage: 'packet', saidAt: 1_000 },
    });
    expect(JSON.parse(row?.packet ?? '')).toEqual({ id: '1', words: 'hello' });
    expect(quarantine.failed(poison('1'), error)).toBe('set-aside');
    expect(told).toBe(1);
  });

  it('goes on being counted after a restart', () => {
    open().failed(poison('1'), error);
    db.close();
    db = openCentralDb(path.join(folder, 'v2.db'));
    expect(open().failed(poison('1'), error)).toBe('again');
    expect(open().failed(poison('1'), error)).toBe('set-aside');
  });

  it('is forgotten when it goes through, also after a restart', () => {
    open().failed(poison('1'), error);
    open().through(poison('1'));
    expect(threeTimes(open(), poison('1'))).toEqual(['again', 'again', 'set-aside']);
    open().through(poison('1'));
    expect(listSetAside(db)).toEqual([]);
  });

  it('is kept by its name alone where it is larger than 64 kB', () => {
    threeTimes(open(), poison('1', { raw: { words: 'x'.repeat(70_000) } }));
    expect(listSetAside(db)).toMatchObject([{ packet: null, platformMessageId: '1' }]);
  });

  it('throws where it cannot be counted, so that nothing is given up', () => {
    const quarantine = open();
    quarantine.failed(poison('1'), error);
    quarantine.failed(poison('1'), error);
    db.pragma('query_only = 1');
    expect(() => quarantine.failed(poison('1'), error)).toThrow('readonly');
    db.pragma('query_only = 0');
    expect(listSetAside(db)).toEqual([]);
  });

  it('of a stranger gives way to those of people with a role, and never to itself', () => {
    setMembership(db, { userId: ADA, agentGroupId: null, role: 'owner', now: 1 });
    const quarantine = open();
    threeTimes(quarantine, poison('of the owner'));
    for (let at = 0; at < SET_ASIDE_LIMITS.total + 20; at += 1) {
      const flood = poison(`flood ${at}`, { senderId: 'discord:666' });
      expect(threeTimes(quarantine, flood).at(-1)).toBe('set-aside');
    }
    const kept = listSetAside(db);
    expect(kept).toHaveLength(SET_ASIDE_LIMITS.total);
    expect(kept[0]?.platformMessageId).toBe('of the owner');
    expect(kept[1]?.platformMessageId).toBe('flood 21');
  });
});

describe('what the operator decides', () => {
  it('takes it in anew, and off the list', async () => {
    const quarantine = open();
    threeTimes(quarantine, poison('1'));
    askRetry(db, listSetAside(db)[0]?.id ?? '', clock.now());
    await quarantine.retryAsked();
    expect(retaken).toMatchObject([{ platformMessageId: '1' }]);
    expect(listSetAside(db)).toEqual([]);
  });

  it('keeps it where it fails again, and waits where its channel is not there', async () => {
    let outcome: 'fails' | 'later' = 'later';
    const quarantine = open({
      async retake() {
        if (outcome === 'later') return 'later';
        quarantine.failed(poison('1'), new TypeError('still'));
        return 'taken';
      },
    });
    threeTimes(quarantine, poison('1'));
    askRetry(db, listSetAside(db)[0]?.id ?? '', clock.now());
    await quarantine.retryAsked();
    expect(listSetAside(db)).toMatchObject([{ retryAt: expect.any(Number), failures: 3 }]);
    outcome = 'fails';
    await quarantine.retryAsked();
    expect(listSetAside(db)).toMatchObject([{ retryAt: null, failures: 4, reason: 'still' }]);
  });

  it('discards it for good: the same message in a history is passed over', () => {
    const quarantine = open();
    threeTimes(quarantine, poison('1'));
    discardSetAside(db, listSetAside(db)[0]?.id ?? '', clock.now());
    expect(quarantine.failed(poison('1'), error)).toBe('set-aside');
    expect(listSetAside(db)).toEqual([]);
    expect(told).toBe(1);
  });
});
