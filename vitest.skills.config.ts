import { defineConfig } from 'vitest/config';

/** `npm run test:skills`: the real Claude Code program runs the skills; needs a Docker engine and npm's registry. */
export default defineConfig({
  test: {
    include: ['test/skills/**/*.test.ts'],
    globalSetup: ['test/built.ts', 'test/docker/setup.ts'],
    setupFiles: ['test/network-guard.ts'],
    // Shared machines stall: CI tries a failed test once more, and its report says that it did.
    retry: process.env.CI ? 1 : 0,
    testTimeout: 600_000,
    hookTimeout: 120_000,
    maxWorkers: 1,
  },
});
