import { gchatFacts } from './catalog/gchat.js';
import { createChatSdkChannel } from './chat-sdk/index.js';
import { renderGoogleChatText } from './gchat/markdown.js';
import type { ChannelModule } from './module.js';

export const gchat: ChannelModule = {
  type: gchatFacts.type,
  create: (deps) =>
    createChatSdkChannel({
      facts: gchatFacts,
      deps,
      render: renderGoogleChatText,
      connect: async (context) => (await import('./gchat/platform.js')).connectGoogleChat(context),
    }),
  checkCredentials: async (deps, signal) =>
    (await import('./gchat/credentials.js')).checkGoogleChatCredentials(deps, signal),
};
