import { linearFacts } from './catalog/linear.js';
import { createChatSdkChannel } from './chat-sdk/index.js';
import type { ChannelModule } from './module.js';

export const linear: ChannelModule = {
  type: linearFacts.type,
  create: (deps) =>
    createChatSdkChannel({
      facts: linearFacts,
      deps,
      connect: async (context) => (await import('./linear/platform.js')).connectLinear(context),
    }),
  checkCredentials: async (deps, signal) =>
    (await import('./linear/credentials.js')).checkLinearCredentials(deps, signal),
};
