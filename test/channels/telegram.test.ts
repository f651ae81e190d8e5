import { channelContract } from './contract.js';
import { telegramFixture } from './telegram.js';

channelContract(telegramFixture);
