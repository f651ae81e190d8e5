import { slackFacts } from './catalog/slack.js';
import { createChatSdkChannel } from './chat-sdk/index.js';
import type { ChannelModule } from './module.js';
import { renderSlackMarkdown } from './slack/markdown.js';

export const slack: ChannelModule = {
  type: slackFacts.type,
  create: (deps) =>
    createChatSdkChannel({
      facts: slackFacts,
      deps,
      render: renderSlackMarkdown,
      connect: async (context) => (await import('./slack/platform.js')).connectSlack(context),
    }),
  checkCredentials: async (deps, signal) =>
    (await import('./slack/credentials.js')).checkSlackCredentials(deps, signal),
};
