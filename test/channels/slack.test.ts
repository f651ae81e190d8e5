import { channelContract } from './contract.js';
import { slackFixture } from './slack.js';

channelContract(slackFixture);
