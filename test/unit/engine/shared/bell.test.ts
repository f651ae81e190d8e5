import { describe, expect, it } from 'vitest';
import { createEar } from '../../../../src/engine/shared/ear.js';
import { createRingListener } from '../../../../src/engine/shared/listener.js';
import { createRinger } from '../../../../src/engine/shared/ringer.js';
import { createFakeClock } from '../../../fakes/clock.js';

describe('ringer', () => {
  it('has one write under way, and sends once more for all rings that came meanwhile', () => {
    const writes: (() => void)[] = [];
    const ring = createRinger((done) => writes.push(done));
    for (let n = 0; n < 100; n += 1) ring();
    expect(writes).toHaveLength(1);
    writes[0]?.();
    expect(writes).toHaveLength(2);
    writes[1]?.();
    expect(writes).toHaveLength(2);
    ring();
    expect(writes).toHaveLength(3);
  });
});

describe('ring listener', () => {
  it('makes one call of the rings before it runs, and keeps one for a late listener', async () => {
    const bell = createRingListener();
    let calls = 0;
    bell.ring();
    bell.ring();
    await Promise.resolve();
    bell.set(() => {
      calls += 1;
    });
    await Promise.resolve();
    expect(calls).toBe(1);
    bell.ring();
    await Promise.resolve();
    expect(calls).toBe(2);
  });
});

describe('ear', () => {
  const listen = () => {
    const clock = createFakeClock();
    const mutes: boolean[] = [];
    let rings = 0;
    const ear = createEar({ clock, onRing: () => (rings += 1), onMute: (muted) => mutes.push(muted) });
    return { clock, ear, mutes, rings: () => rings };
  };

  it('lets a busy runner ring', async () => {
    const { clock, ear, mutes, rings } = listen();
    for (let second = 0; second < 10; second += 1) {
      for (let n = 0; n < 4000; n += 1) ear.heard(1);
      await clock.advance(1000);
    }
    expect(rings()).toBe(40_000);
    expect(mutes).toEqual([]);
  });

  it('mutes who says more than a bell, polls meanwhile, and listens again after a minute', async () => {
    const { clock, ear, mutes, rings } = listen();
    ear.heard(5000);
    expect([ear.muted, mutes]).toEqual([true, [true]]);
    ear.heard(5000);
    expect(rings()).toBe(1);
    await clock.advance(59_000);
    expect(rings()).toBe(30);
    await clock.advance(1000);
    expect([ear.muted, mutes]).toEqual([false, [true, false]]);
    ear.heard(1);
    await clock.advance(10_000);
    expect(ear.muted).toBe(false);
  });

  it('leaves no timer when it is closed', () => {
    const { clock, ear } = listen();
    ear.heard(5000);
    expect(clock.pending()).toBe(2);
    ear.close();
    expect(clock.pending()).toBe(0);
  });
});
