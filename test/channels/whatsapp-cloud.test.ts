import { webhookContract } from './contract/webhook.js';
import { channelContract } from './contract.js';
import { openWhatsApp, whatsappFixture } from './whatsapp-cloud.js';

channelContract(whatsappFixture);
webhookContract({ channelType: 'whatsapp-cloud', open: openWhatsApp, proof: 'x-hub-signature-256' });
