import { channelContract } from './contract.js';
import { whatsappFixture } from './whatsapp-cloud.js';

channelContract(whatsappFixture);
