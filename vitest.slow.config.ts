import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longest-first.js';

/** `npm run test:slow`: system tests that need Node only, but too many starts of a host for `npm test`. */
export default defineConfig({
  test: {
    include: ['test/slow/**/*.test.ts'],
    globalSetup: ['test/built.ts'],
    setupFiles: ['test/network-guard.ts'],
    sequence: { sequencer: LongestFirst },
    // Shared machines stall: CI tries a failed test once more, and its report says that it did.
    retry: process.env.CI ? 1 : 0,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    maxWorkers: 3,
  },
});
