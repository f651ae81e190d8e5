import { afterEach, beforeEach, describe } from 'vitest';
import { bellCases } from './engine-conformance/bell.js';
import { endCases } from './engine-conformance/end.js';
import type { EngineFacts, EngineWorld } from './engine-conformance/harness.js';
import { hostCases } from './engine-conformance/hosts.js';
import { startCases } from './engine-conformance/start.js';

/** The law of `src/engine/types.ts`. Every engine runs it, the fake too: so a test that uses the fake tests the truth. */
export function engineConformance(name: string, facts: EngineFacts): void {
  describe(`engine conformance: ${name}`, () => {
    let current: EngineWorld | null = null;
    beforeEach(async () => {
      current = await facts.create();
    });
    afterEach(async () => {
      await current?.dispose();
      current = null;
    });
    const world = () => {
      if (!current) throw new Error('a case ran outside of its test');
      return current;
    };
    startCases(world);
    bellCases(world);
    endCases(world);
    hostCases(world, facts);
  });
}
