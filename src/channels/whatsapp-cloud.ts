import { whatsappCloudFacts } from './catalog/whatsapp-cloud.js';
import { createChatSdkChannel } from './chat-sdk/index.js';
import type { ChannelModule } from './module.js';
import { longestSaid } from './whatsapp-cloud/markdown.js';

export const whatsappCloud: ChannelModule = {
  type: whatsappCloudFacts.type,
  create: (deps) =>
    createChatSdkChannel({
      facts: whatsappCloudFacts,
      deps,
      render: longestSaid,
      connect: async (context) => (await import('./whatsapp-cloud/platform.js')).connectWhatsApp(context),
    }),
  checkCredentials: async (deps, signal) =>
    (await import('./whatsapp-cloud/credentials.js')).checkWhatsAppCredentials(deps, signal),
};
