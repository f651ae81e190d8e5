import { webhookContract } from './contract/webhook.js';
import { channelContract } from './contract.js';
import { githubFixture, openGitHub } from './github.js';

channelContract(githubFixture);
webhookContract({ channelType: 'github', open: openGitHub, proof: 'x-hub-signature-256' });
