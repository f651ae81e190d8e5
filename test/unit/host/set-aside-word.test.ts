import { expect, it } from 'vitest';
import { countFailure, type FailedMessage, wordsDue } from '../../../src/db/central/set-aside.js';
import { setMembership } from '../../../src/db/central/users.js';
import { createSetAsideWord } from '../../../src/quarantine/word.js';
import { createVoice, type DurableNotice } from '../../../src/voice/index.js';
import { createFakeClock } from '../../fakes/clock.js';
import { silentLog } from '../../fakes/log.js';
import { cli, workspace } from '../session-manager/workspace.js';

function setUp() {
  const { db, manager, resolve } = workspace();
  const clock = createFakeClock();
  const notices: [string, DurableNotice][] = [];
  const said: string[] = [];
  const state = { fails: false };
  const tell = createSetAsideWord({
    ...{ db, clock, log: silentLog, sessions: manager },
    voice: createVoice({
      ...{ db, clock, log: silentLog, sessions: manager },
      async durable(sessionId, notice) {
        if (state.fails) throw new Error('the disk is full');
        notices.push([sessionId, notice]);
        return true;
      },
      say: async (to, text) => void said.push(`${to.platformId}: ${text}`),
    }),
  });
  let ids = 0;
  const setAside = (changes: Partial<FailedMessage> = {}) => {
    ids += 1;
    const message = {
      ...{ ...cli, platformMessageId: `m${ids}`, senderId: 'cli:local', stranger: false },
      ...{ stage: 'packet' as const, packet: '{}', reason: 'no', saidAt: Date.UTC(2026, 0, 31, 9, 5) },
      ...changes,
    };
    return countFailure(db, message, { tries: 1, wordDue: true, now: clock.now() }).row;
  };
  return { db, clock, resolve, notices, said, state, tell, setAside };
}

it('tells a wired chat once, by a notice', async () => {
  const { db, clock, resolve, notices, tell, setAside } = setUp();
  setMembership(db, { userId: 'cli:local', agentGroupId: null, role: 'owner', now: 1 });
  const { id } = setAside();
  tell();
  await clock.advance(0);
  tell();
  const text =
    "I couldn't read one of your messages (sent at 2026-01-31 09:05 UTC). I've put it aside, and the person who runs me can look at it.";
  expect(notices).toEqual([
    [resolve().id, { to: cli, text, dedupeKey: `set-aside ${id}`, code: 'message-set-aside' }],
  ]);
});

it('tells it later where that failed, so also after a restart', async () => {
  const { db, clock, notices, state, tell, setAside } = setUp();
  setMembership(db, { userId: 'cli:local', agentGroupId: null, role: 'owner', now: 1 });
  setAside();
  state.fails = true;
  tell();
  await clock.advance(0);
  state.fails = false;
  tell();
  await clock.advance(0);
  expect(notices).toHaveLength(1);
  expect(wordsDue(db)).toEqual([]);
});

it('tells a chat of three an hour, whatever is written there', async () => {
  const { db, clock, notices, tell, setAside } = setUp();
  setMembership(db, { userId: 'cli:local', agentGroupId: null, role: 'owner', now: 1 });
  for (let at = 0; at < 6; at += 1) setAside();
  tell();
  await clock.advance(0);
  expect(notices).toHaveLength(3);
  await clock.advance(3_600_001);
  setAside();
  tell();
  expect(notices).toHaveLength(4);
});

it('says nothing to somebody who is blocked', async () => {
  const { db, clock, notices, said, tell, setAside } = setUp();
  setMembership(db, { userId: 'cli:eve', agentGroupId: null, role: 'blocked', now: 1 });
  setAside({ senderId: 'cli:eve' });
  setAside({ channelType: 'telegram', platformId: 'telegram:9', senderId: 'cli:eve' });
  tell();
  await clock.advance(0);
  expect([notices, said]).toEqual([[], []]);
});

it('answers a stranger in a direct message twice in all, and nobody in a group that is not wired', () => {
  const { said, tell, setAside } = setUp();
  const stranger = { channelType: 'telegram', senderId: 'telegram:9', stranger: true };
  for (let at = 0; at < 4; at += 1) setAside({ ...stranger, platformId: 'telegram:9' });
  setAside({ ...stranger, platformId: 'telegram:-100', senderId: 'telegram:10' });
  tell();
  expect(said).toHaveLength(2);
  expect(said[0]).toMatch(/^telegram:9: I couldn't read one of your messages/);
});
