import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import installed from './test/channels/package.json' with { type: 'json' };
import { LongestFirst } from './test/longest-first.js';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** The packages of channels that are not enabled: installed below test/channels. What they share is the root's. */
const packages = Object.keys(installed.dependencies)
  .filter((name) => name.startsWith('@'))
  .join('|');

/** `npm run test:channels`: the contract of every channel, with its real package and a fake of its platform. */
export default defineConfig({
  resolve: {
    alias: [
      {
        find: new RegExp(`^(${packages})$`),
        replacement: `${at('test/channels/node_modules')}/$1/dist/index.js`,
      },
      {
        find: new RegExp(`^(${packages})/(\\w+)$`),
        replacement: `${at('test/channels/node_modules')}/$1/dist/$2.js`,
      },
      {
        find: /^html-to-text$/,
        replacement: at('test/channels/node_modules/html-to-text/lib/html-to-text.mjs'),
      },
      { find: /^chat$/, replacement: at('node_modules/chat/dist/index.js') },
      { find: /^@chat-adapter\/shared$/, replacement: at('node_modules/@chat-adapter/shared/dist/index.js') },
    ],
  },
  test: {
    include: ['test/channels/**/*.test.ts', 'test/unit/channels/*/contract.test.ts'],
    exclude: ['**/node_modules/**'],
    globalSetup: ['test/built.ts'],
    setupFiles: ['test/network-guard.ts'],
    sequence: { sequencer: LongestFirst },
    server: { deps: { inline: [new RegExp(`/node_modules/(?:${packages})/`)] } },
    // Shared machines stall: CI tries a failed test once more, and its report says that it did.
    retry: process.env.CI ? 1 : 0,
    testTimeout: 60_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    // Whole hosts, of the crash matrix.
    maxConcurrency: 3,
    reporters: ['default', './test/channels/report.ts'],
  },
});
