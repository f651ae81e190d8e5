import { webhookContract } from './contract/webhook.js';
import { channelContract } from './contract.js';
import { linearFixture, openLinear } from './linear.js';

channelContract(linearFixture);
webhookContract({ channelType: 'linear', open: openLinear, proof: 'linear-signature' });
