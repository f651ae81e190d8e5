import { describe, expect, it } from 'vitest';
import { type EngineFacts, type EngineWorld, listenTo, specFor, startEcho } from './harness.js';

export function hostCases(world: () => EngineWorld, facts: EngineFacts): void {
  describe.runIf(facts.outlivesHost)('a host that starts again', () => {
    it('finds and adopts what runs, and its bell works both ways', async () => {
      const before = world().engine();
      const spec = specFor(world(), 'echo', { incarnation: 5, mode: 'recover' });
      const { handle } = await startEcho(before, spec);
      await before.close();

      const after = world().engine();
      const { name, sessionId } = handle;
      expect(await after.list()).toContainEqual({ name, sessionId, incarnation: 5, mode: 'recover' });
      const adopted = await after.adopt(name);
      expect(adopted).toMatchObject({ name, sessionId, incarnation: 5, mode: 'recover' });
      if (!adopted) return;
      const bell = listenTo(adopted);
      for (let round = 0; round < 3; round += 1) {
        const answered = bell.next();
        adopted.ring();
        await answered;
      }
      expect(await adopted.stop(20_000)).toMatchObject({ exitCode: 0 });
    });

    it('gets the post-mortem of what ended while there was no host', async () => {
      const before = world().engine();
      const { handle } = await startEcho(before, specFor(world(), 'stubborn', { incarnation: 6 }));
      await before.close();
      await killBehindItsBack(world(), handle.name);

      const after = world().engine();
      const found = await after.adopt(handle.name);
      expect(found?.incarnation).toBe(6);
      expect(await found?.exited).toMatchObject({ signal: 'SIGKILL' });
      expect(await after.adopt(handle.name)).toBeNull();
    });

    it('starts over the remains of what ended while there was no host', async () => {
      const before = world().engine();
      const spec = specFor(world(), 'stubborn');
      await startEcho(before, spec);
      await before.close();
      await killBehindItsBack(world(), spec.name);

      const next = { ...spec, incarnation: 2, env: { ...spec.env, PROGRAM: 'echo' } };
      const { handle } = await startEcho(world().engine(), next);
      expect(handle.incarnation).toBe(2);
    });
  });

  describe.runIf(!facts.outlivesHost)('a host that starts again', () => {
    it('finds nothing: its processes ended with it', async () => {
      const before = world().engine();
      const { handle } = await startEcho(before, specFor(world(), 'echo'));
      await before.close();
      expect(await handle.exited).toMatchObject({ exitCode: 0 });
      const after = world().engine();
      expect(await after.list()).toEqual([]);
      expect(await after.adopt(handle.name)).toBeNull();
    });
  });
}

/** Ends a container as a machine does, not as a host does: its remains stay. */
async function killBehindItsBack(world: EngineWorld, name: string): Promise<void> {
  if (!world.kill) throw new Error('this engine does not outlive its host');
  await world.kill(name);
}
