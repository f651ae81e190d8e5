import {
  createWebhooks,
  type WebhookServer,
  type Webhooks,
  webhookPath,
} from '../../src/channels/webhooks/index.js';
import { systemClock } from '../../src/clock.js';
import { silentLog } from './log.js';

/** For channels that nobody calls. */
export const noWebhooks: Webhooks = {
  open: async (type) => {
    throw new Error(`${type} wants to be called by its platform`);
  },
};

/** The real server on a port of loopback that is free. */
export function openWebhooks(): WebhookServer & { url(type: string): string } {
  const server = createWebhooks({ host: '127.0.0.1', port: 0, log: silentLog, clock: systemClock });
  return { ...server, url: (type) => `http://127.0.0.1:${server.port()}${webhookPath(type)}` };
}
