import { defineConfig } from 'vitest/config';

/** The tests that need the Agent SDK, which is installed here and not in the root package. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['../../test/network-guard.ts'],
    testTimeout: 60_000,
    hookTimeout: 30_000,
    maxWorkers: 1,
  },
});
