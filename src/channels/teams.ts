import { teamsFacts } from './catalog/teams.js';
import { createChatSdkChannel } from './chat-sdk/index.js';
import type { ChannelModule } from './module.js';

export const teams: ChannelModule = {
  type: teamsFacts.type,
  create: (deps) =>
    createChatSdkChannel({
      facts: teamsFacts,
      deps,
      connect: async (context) => (await import('./teams/platform.js')).connectTeams(context),
    }),
  checkCredentials: async (deps) => (await import('./teams/credentials.js')).checkTeamsCredentials(deps),
};
