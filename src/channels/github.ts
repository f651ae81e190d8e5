import { githubFacts } from './catalog/github.js';
import { createChatSdkChannel } from './chat-sdk/index.js';
import type { ChannelModule } from './module.js';

export const github: ChannelModule = {
  type: githubFacts.type,
  create: (deps) =>
    createChatSdkChannel({
      facts: githubFacts,
      deps,
      connect: async (context) => (await import('./github/platform.js')).connectGitHub(context),
    }),
  checkCredentials: async (deps, signal) =>
    (await import('./github/credentials.js')).checkGitHubCredentials(deps, signal),
};
