import { channelContract } from '../../../channels/contract.js';
import { discordFixture } from '../../../channels/discord.js';

channelContract(discordFixture);
