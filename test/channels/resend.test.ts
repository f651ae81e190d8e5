import { webhookContract } from './contract/webhook.js';
import { channelContract } from './contract.js';
import { openResend, resendFixture } from './resend.js';

channelContract(resendFixture);
webhookContract({ channelType: 'resend', open: openResend, proof: 'svix-signature' });
