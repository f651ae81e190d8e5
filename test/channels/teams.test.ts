import { channelContract } from './contract.js';
import { teamsFixture } from './teams.js';

channelContract(teamsFixture);
