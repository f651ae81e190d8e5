import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.js';

/** `npm test`: everything that needs Node and nothing else. The other tiers have their own configuration. */
export default defineConfig({
  test: {
    include: ['test/unit/**/*.test.ts', 'test/system/**/*.test.ts'],
    globalSetup: ['test/built.ts'],
    setupFiles: ['test/network-guard.ts'],
    sequence: { sequencer: LongestFirst },
    // Shared machines stall: CI tries a failed test once more, and its report says that it did.
    retry: process.env.CI ? 1 : 0,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 3,
  },
});
