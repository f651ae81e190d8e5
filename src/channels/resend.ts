import { resendFacts } from './catalog/resend.js';
import { createChatSdkChannel } from './chat-sdk/index.js';
import type { ChannelModule } from './module.js';

export const resend: ChannelModule = {
  type: resendFacts.type,
  create: (deps) =>
    createChatSdkChannel({
      facts: resendFacts,
      deps,
      connect: async (context) => (await import('./resend/platform.js')).connectResend(context),
    }),
  checkCredentials: async (deps, signal) =>
    (await import('./resend/credentials.js')).checkResendCredentials(deps, signal),
};
