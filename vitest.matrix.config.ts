import { defineConfig } from 'vitest/config';

/** `npm run matrix`: misconfigurations of an installation whose host runs, each healed by what `verify` says to do. */
export default defineConfig({
  test: {
    include: ['test/matrix/**/*.test.ts'],
    setupFiles: ['test/network-guard.ts'],
    testTimeout: 180_000,
    hookTimeout: 120_000,
    maxWorkers: 1,
  },
});
