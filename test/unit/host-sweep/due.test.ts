import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createAgentGroup } from '../../../src/db/central/agent-groups.js';
import { openCentralDb } from '../../../src/db/central/index.js';
import { ensureSession, setNextDue } from '../../../src/db/central/sessions.js';
import { containerConfigSchema } from '../../../src/db/types.js';
import { createDueTimers } from '../../../src/host-sweep/due.js';
import { createFakeClock } from '../../fakes/clock.js';

function createDueWorld(act: (id: string) => Promise<void> = async () => {}) {
  const clock = createFakeClock();
  const central = openCentralDb(':memory:');
  createAgentGroup(central, {
    id: 'ag_1',
    name: 'g',
    folder: 'g',
    isAdmin: false,
    agentProvider: 'mock',
    containerConfig: containerConfigSchema.parse({}),
    createdAt: 0,
  });
  const acted: string[] = [];
  const due = createDueTimers({ clock, central, log: pino({ level: 'silent' }) }, async (id) => {
    acted.push(id);
    await act(id);
  });
  let made = 0;
  const session = (dueAt: number | null) => {
    const key = { agentGroupId: 'ag_1', messagingGroupId: null, threadId: `t${made++}` };
    const { id } = ensureSession(central, key, 0);
    setNextDue(central, id, dueAt, clock.now());
    return id;
  };
  return { clock, central, due, acted, session };
}

describe('a pass', () => {
  it('acts once on all that is due, however many, and on nothing else', async () => {
    const { clock, due, acted, session } = createDueWorld();
    const ids = Array.from({ length: 450 }, (_, n) => session(clock.now() - (n % 7)));
    session(clock.now() + 1);
    session(null);
    await due.pass();
    expect([...acted].sort()).toEqual(ids.sort());
  });

  it('works on a few at once, so that one that hangs holds up no other', async () => {
    let release = () => {};
    const { clock, due, acted, session } = createDueWorld((id) =>
      id === hanging ? new Promise((resolve) => (release = resolve)) : Promise.resolve(),
    );
    const hanging = session(clock.now() - 5000);
    const others = Array.from({ length: 50 }, () => session(clock.now()));
    const passed = due.pass();
    await clock.advance(0);
    expect(acted).toHaveLength(1 + others.length);
    release();
    await passed;
  });

  it('survives a database that cannot be read', async () => {
    const { central, due } = createDueWorld();
    central.close();
    await due.pass();
  });
});

describe('timers', () => {
  it('fire once, at the latest moment that they were told', async () => {
    const { clock, due, acted } = createDueWorld();
    const start = clock.now();
    due.changed('ses_1', start + 9000);
    due.changed('ses_1', start + 4000);
    due.changed('ses_1', start + 6000);
    await clock.advance(5999);
    expect(acted).toEqual([]);
    await clock.advance(10_000);
    expect(acted).toEqual(['ses_1']);
    expect(clock.pending()).toBe(0);
  });

  it('are not made for what is due already or not for long, nor after the end', async () => {
    const { clock, due } = createDueWorld();
    due.changed('ses_1', clock.now());
    due.changed('ses_2', clock.now() + 60_001);
    due.changed('ses_3', clock.now() + 60_000);
    expect(clock.pending()).toBe(1);
    due.close();
    due.changed('ses_4', clock.now() + 5);
    expect(clock.pending()).toBe(0);
  });
});
