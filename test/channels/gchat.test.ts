import { webhookContract } from './contract/webhook.js';
import { channelContract } from './contract.js';
import { gchatFixture, openGoogleChat } from './gchat.js';

channelContract(gchatFixture);
webhookContract({ channelType: 'gchat', open: openGoogleChat, proof: 'authorization', coversBody: false });
