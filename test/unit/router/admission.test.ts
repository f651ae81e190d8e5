import { describe, expect, it } from 'vitest';
import { setMembership } from '../../../src/db/central/users.js';
import { createDoorkeeper } from '../../../src/router/admission.js';
import { createHarness, direct } from './harness.js';

const HOUR_MS = 3_600_000;
const CHAT = { channelType: 'telegram', platformId: 'telegram:77' };
const ADA = { ...CHAT, senderId: 'telegram:77' };
const stranger = (n: number) => ({ ...CHAT, platformId: `telegram:${n}`, senderId: `telegram:${n}` });

function createDoor() {
  const h = createHarness();
  return { h, door: createDoorkeeper(h.deps) };
}
const wire = (
  h: ReturnType<typeof createHarness>,
  policy: 'open' | 'known' = 'known',
  adminUserId = ADA.senderId,
) =>
  h.register({ ...CHAT, folder: 'ada', isGroup: false, replay: 'all', unknownSenders: policy, adminUserId });
const warnings = (h: ReturnType<typeof createHarness>) =>
  h.lines.filter((line) => String(line.msg).includes('too many')).length;

describe('how much of a message is read', () => {
  it('of whom an agent of the chat hears: all', () => {
    const { h, door } = createDoor();
    expect(door.admits(ADA)).toBe('brief');
    wire(h);
    expect(door.admits(ADA)).toBe('all');
    expect(door.admits({ ...ADA, senderId: 'telegram:5' })).toBe('brief');
  });

  it('of anybody in an open chat: all', () => {
    const { h, door } = createDoor();
    wire(h, 'open');
    expect(door.admits({ ...ADA, senderId: 'telegram:5' })).toBe('all');
  });

  it('of whom is blocked: nothing, and it is counted', () => {
    const { h, door } = createDoor();
    setMembership(h.db, { userId: ADA.senderId, agentGroupId: null, role: 'blocked', now: 1 });
    expect(door.admits(ADA)).toBe('none');
    wire(h, 'open', 'telegram:6');
    expect(door.admits(ADA)).toBe('none');
    expect(h.dropped()).toEqual([{ reason: 'blocked-sender', count: 2 }]);
  });
});

describe('too many messages', () => {
  it('of somebody who is heard come later, and none is dropped; who only uses the name uses nothing up', async () => {
    const { h, door } = createDoor();
    wire(h);
    for (let n = 0; n < 1000; n += 1) expect(door.admits(ADA)).toBe('all');
    for (let n = 0; n < 300; n += 1) door.took(direct('hi', { ...CHAT }));
    expect([door.admits(ADA), door.admits(ADA)]).toEqual(['later', 'later']);
    expect(warnings(h)).toBe(1);
    expect(h.dropped()).toEqual([]);
    await h.clock.advance(HOUR_MS);
    expect(door.admits(ADA)).toBe('all');
  });

  it('of a stranger are dropped and counted, with one warning an hour', async () => {
    const { h, door } = createDoor();
    for (let n = 0; n < 20; n += 1) expect(door.admits(ADA)).toBe('brief');
    expect([door.admits(ADA), door.admits(ADA)]).toEqual(['none', 'none']);
    expect(door.admits(stranger(5))).toBe('brief');
    expect(h.dropped()).toEqual([{ reason: 'too-frequent', count: 2 }]);
    expect(warnings(h)).toBe(1);
    await h.clock.advance(HOUR_MS);
    expect(door.admits(ADA)).toBe('brief');
  });

  it('of strangers with names without end are dropped as one, and hold up nobody who is heard', () => {
    const { h, door } = createDoor();
    wire(h);
    const answers = Array.from({ length: 310 }, (_, n) => door.admits(stranger(1000 + n)));
    expect(answers.filter((one) => one === 'brief')).toHaveLength(300);
    expect(h.dropped()).toEqual([{ reason: 'too-frequent', count: 10 }]);
    expect(h.db.prepare('SELECT count(*) AS n FROM dropped_messages').get()).toEqual({ n: 1 });
    expect(warnings(h)).toBe(1);
    expect(door.admits(ADA)).toBe('all');
  });
});

describe('what a channel could not read', () => {
  it('is told to the agent, also where the message waited for its chat', async () => {
    const { h } = createDoor();
    const problems = ['It is bare.'];
    await h.router.routeInbound(direct('first', { ...CHAT, problems }));
    wire(h);
    await h.router.replayHeld();
    await h.router.routeInbound(direct('second', { ...CHAT, problems }));
    expect(h.rows('ada').map((row) => row.content.problems)).toEqual([problems, problems]);
  });
});
