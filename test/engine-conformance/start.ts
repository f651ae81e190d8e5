import { describe, expect, it } from 'vitest';
import { EngineError } from '../../src/engine/types.js';
import { type EngineWorld, specFor, startEcho } from './harness.js';

export function startCases(world: () => EngineWorld): void {
  describe('start', () => {
    it('passes its own check', async () => {
      await expect(world().engine().check()).resolves.toBeUndefined();
    });

    it('gives the program its environment', async () => {
      const spec = specFor(world(), 'report', {
        incarnation: 7,
        env: { WHARFIE_INCARNATION: '7', GREETING: 'an "odd"\nvalue' },
      });
      const { exitCode, logTail } = await (await world().engine().start(spec)).exited;
      expect(exitCode).toBe(0);
      expect(JSON.parse(logTail.join(''))).toMatchObject({ incarnation: '7', greeting: 'an "odd"\nvalue' });
    });

    it('returns a handle that tells what it runs', async () => {
      const spec = specFor(world(), 'echo', { incarnation: 4 });
      const handle = await world().engine().start(spec);
      expect(handle).toMatchObject({ name: spec.name, sessionId: spec.sessionId, incarnation: 4 });
    });

    it('adopts what already runs under the name, as it is', async () => {
      const engine = world().engine();
      const spec = specFor(world(), 'echo');
      await startEcho(engine, spec);
      const again = await engine.start({ ...spec, incarnation: 2 });
      expect(again.incarnation).toBe(1);
    });

    it('runs one container however many ask for it together', async () => {
      const engine = world().engine();
      const spec = specFor(world(), 'echo');
      const handles = await Promise.all(
        [1, 2, 3, 4].map((incarnation) => engine.start({ ...spec, incarnation })),
      );
      expect(new Set(handles.map((handle) => handle.incarnation))).toEqual(new Set([1]));
      await engine.ensureGone(spec.name);
      await Promise.all(handles.map((handle) => handle.exited));
    });

    it('starts a new incarnation after the old one has ended', async () => {
      const engine = world().engine();
      const spec = specFor(world(), 'fail');
      await (await engine.start(spec)).exited;
      const { handle } = await startEcho(engine, {
        ...spec,
        incarnation: 2,
        env: { ...spec.env, PROGRAM: 'echo' },
      });
      expect(handle.incarnation).toBe(2);
    });

    it('starts different names beside each other', async () => {
      const engine = world().engine();
      const [first, second] = await Promise.all([
        startEcho(engine, specFor(world(), 'echo')),
        startEcho(engine, specFor(world(), 'echo')),
      ]);
      await first.handle.stop(0);
      const answered = second.bell.next();
      second.handle.ring();
      await answered;
    });

    it('says why it cannot start, and leaves nothing behind', async () => {
      const { unstartable } = world();
      if (!unstartable) return;
      const engine = world().engine();
      const spec = specFor(world(), 'echo');
      const refused = engine.start(unstartable.change(spec));
      await expect(refused).rejects.toBeInstanceOf(EngineError);
      await expect(refused).rejects.toMatchObject({
        code: unstartable.code,
        fix: expect.stringMatching(/\w/),
      });
      const { handle } = await startEcho(engine, spec);
      expect(handle.name).toBe(spec.name);
    });
  });
}
