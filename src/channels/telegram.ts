import { telegramFacts } from './catalog/telegram.js';
import { createChatSdkChannel } from './chat-sdk/index.js';
import type { ChannelModule } from './module.js';
import { longestSeen } from './telegram/markdown.js';

export const telegram: ChannelModule = {
  type: telegramFacts.type,
  create: (deps) =>
    createChatSdkChannel({
      facts: telegramFacts,
      deps,
      render: longestSeen,
      connect: async (context) => (await import('./telegram/platform.js')).connectTelegram(context),
    }),
  checkCredentials: async (deps, signal) =>
    (await import('./telegram/credentials.js')).checkTelegramCredentials(deps, signal),
};
