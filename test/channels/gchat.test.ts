import { channelContract } from './contract.js';
import { gchatFixture } from './gchat.js';

channelContract(gchatFixture);
