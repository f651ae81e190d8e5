import { discordFacts } from './catalog/discord.js';
import { createChatSdkChannel } from './chat-sdk/index.js';
import { renderDiscordMarkdown } from './discord/markdown.js';
import type { ChannelModule } from './module.js';

export const discord: ChannelModule = {
  type: discordFacts.type,
  create: (deps) =>
    createChatSdkChannel({
      facts: discordFacts,
      deps,
      render: renderDiscordMarkdown,
      connect: async (context) => (await import('./discord/platform.js')).connectDiscord(context),
    }),
  checkCredentials: async (deps, signal) =>
    (await import('./discord/credentials.js')).checkDiscordCredentials(deps, signal),
};
