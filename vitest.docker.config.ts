import { defineConfig } from 'vitest/config';

/** `npm run test:docker`: what needs a Docker engine. The global set-up starts one where none answers. */
export default defineConfig({
  test: {
    include: ['test/docker/**/*.test.ts'],
    globalSetup: ['test/built.ts', 'test/docker/setup.ts'],
    setupFiles: ['test/network-guard.ts'],
    // Shared machines stall: CI tries a failed test once more, and its report says that it did.
    retry: process.env.CI ? 1 : 0,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
