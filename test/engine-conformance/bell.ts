import { describe, expect, it } from 'vitest';
import { type EngineWorld, listenTo, specFor, startEcho } from './harness.js';

export function bellCases(world: () => EngineWorld): void {
  describe('bell', () => {
    it('rings both ways, again and again', async () => {
      const { handle, bell } = await startEcho(world().engine(), specFor(world(), 'echo'));
      for (let round = 0; round < 20; round += 1) {
        const answered = bell.next();
        handle.ring();
        await answered;
      }
      expect(bell.count()).toBeGreaterThan(20);
    });

    it('keeps a ring for a listener that comes later', async () => {
      const engine = world().engine();
      const spec = specFor(world(), 'echo');
      const early = await startEcho(engine, spec);
      const answered = early.bell.next();
      early.handle.ring();
      await answered;
      const late = listenTo(await engine.start(spec));
      const heard = late.next();
      early.handle.ring();
      await heard;
    });

    it('coalesces rings, and never loses the last one', async () => {
      const { handle, bell } = await startEcho(world().engine(), specFor(world(), 'echo'));
      for (let round = 0; round < 5; round += 1) {
        const answered = bell.next();
        for (let ring = 0; ring < 2000; ring += 1) handle.ring();
        await answered;
      }
      expect(bell.count()).toBeLessThan(2000);
    });

    it('is harmless after the end', async () => {
      const { handle } = await startEcho(world().engine(), specFor(world(), 'echo'));
      await handle.stop(5000);
      expect(() => handle.ring()).not.toThrow();
    });

    it('cannot be used to drown the host', async () => {
      const engine = world().engine();
      const loud = await engine.start(specFor(world(), 'flood'));
      const flooded = listenTo(loud);
      await flooded.next();
      const { handle, bell } = await startEcho(engine, specFor(world(), 'echo'));
      const before = flooded.count();
      for (let round = 0; round < 50; round += 1) {
        const answered = bell.next();
        handle.ring();
        await answered;
      }
      expect(flooded.count() - before).toBeLessThan(50);
      expect(await loud.stop(0)).toMatchObject({ signal: 'SIGKILL' });
    });
  });
}
