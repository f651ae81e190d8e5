import { webhookContract } from './contract/webhook.js';
import { channelContract } from './contract.js';
import { openTeams, teamsFixture } from './teams.js';

channelContract(teamsFixture);
webhookContract({ channelType: 'teams', open: openTeams, proof: 'authorization', coversBody: false });
