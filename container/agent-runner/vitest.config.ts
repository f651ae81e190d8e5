import { defineConfig } from 'vitest/config';

/** The tests that need the Agent SDK, which is installed here and not in the root package. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['../../test/network-guard.ts'],
    // Shared machines stall: CI tries a failed test once more, and its report says that it did.
    retry: process.env.CI ? 1 : 0,
    testTimeout: 60_000,
    hookTimeout: 30_000,
    maxWorkers: 1,
  },
});
