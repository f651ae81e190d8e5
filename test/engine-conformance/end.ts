import { describe, expect, it } from 'vitest';
import { type EngineWorld, specFor, startEcho } from './harness.js';

export function endCases(world: () => EngineWorld): void {
  describe('end', () => {
    it('reports the exit code and the last 50 lines', async () => {
      const report = await (await world().engine().start(specFor(world(), 'fail'))).exited;
      expect(report).toMatchObject({ exitCode: 3, signal: null, outOfMemory: false });
      expect(report.logTail).toEqual(Array.from({ length: 50 }, (_, index) => `line ${index + 11}`));
    });

    it('reports the signal of a program that was killed', async () => {
      const report = await (await world().engine().start(specFor(world(), 'die'))).exited;
      expect(report).toMatchObject({ exitCode: null, signal: 'SIGKILL', outOfMemory: false });
    });

    it('asks before it kills', async () => {
      const { handle } = await startEcho(world().engine(), specFor(world(), 'echo'));
      const report = await handle.stop(20_000);
      expect(report).toMatchObject({ exitCode: 0, signal: null, logTail: ['asked to stop'] });
      expect(await handle.exited).toEqual(report);
    });

    it('kills what does not end in time', async () => {
      const { handle } = await startEcho(world().engine(), specFor(world(), 'stubborn'));
      expect(await handle.stop(300)).toMatchObject({ exitCode: null, signal: 'SIGKILL', logTail: ['no'] });
    });

    it('kills at once with no grace, also while an earlier stop is still waiting', async () => {
      const { handle } = await startEcho(world().engine(), specFor(world(), 'stubborn'));
      const patient = handle.stop(600_000);
      expect(await handle.stop(0)).toMatchObject({ signal: 'SIGKILL' });
      expect(await patient).toMatchObject({ signal: 'SIGKILL' });
    });

    it('tells the same again to whoever asks to stop after the end', async () => {
      const handle = await world().engine().start(specFor(world(), 'fail'));
      await handle.exited;
      expect(await handle.stop(1000)).toMatchObject({ exitCode: 3 });
    });

    it('ensures that a name is gone, running or not', async () => {
      const engine = world().engine();
      const { handle } = await startEcho(engine, specFor(world(), 'stubborn'));
      await engine.ensureGone(handle.name);
      expect(await handle.exited).toMatchObject({ signal: 'SIGKILL' });
      expect(await engine.adopt(handle.name)).toBeNull();
      await expect(engine.ensureGone(handle.name)).resolves.toBeUndefined();
    });

    it('lists nothing that has ended', async () => {
      const engine = world().engine();
      const spec = specFor(world(), 'fail');
      await (await engine.start(spec)).exited;
      expect((await engine.list()).filter(({ name }) => name === spec.name)).toEqual([]);
      expect(await engine.adopt(spec.name)).toBeNull();
    });
  });
}
