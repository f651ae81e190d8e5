import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** Packages of channels that are not enabled are installed below test/channels; what they share is the root's. */
const ADAPTERS = ['telegram', 'slack'];

/** `npm run test:channels`: the contract of every channel, with its real package and a fake of its platform. */
export default defineConfig({
  resolve: {
    alias: [
      ...ADAPTERS.map((name) => ({
        find: new RegExp(`^@chat-adapter/${name}$`),
        replacement: at(`test/channels/node_modules/@chat-adapter/${name}/dist/index.js`),
      })),
      {
        find: /^@chat-adapter\/slack\/format$/,
        replacement: at('test/channels/node_modules/@chat-adapter/slack/dist/format.js'),
      },
      { find: /^chat$/, replacement: at('node_modules/chat/dist/index.js') },
      { find: /^@chat-adapter\/shared$/, replacement: at('node_modules/@chat-adapter/shared/dist/index.js') },
    ],
  },
  test: {
    include: ['test/channels/**/*.test.ts', 'test/unit/channels/*/contract.test.ts'],
    exclude: ['**/node_modules/**'],
    setupFiles: ['test/network-guard.ts'],
    server: { deps: { inline: [new RegExp(`/@chat-adapter/(?:${ADAPTERS.join('|')})/`)] } },
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
    reporters: ['default'],
  },
});
