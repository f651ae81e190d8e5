import { webhookContract } from './contract/webhook.js';
import { channelContract } from './contract.js';
import { openSlack, slackFixture, slackWebhookFixture } from './slack.js';

channelContract(slackFixture);
channelContract(slackWebhookFixture);
webhookContract({ channelType: 'slack', open: () => openSlack('webhook'), proof: 'x-slack-signature' });
