import { channelContract } from './contract.js';
import { resendFixture } from './resend.js';

channelContract(resendFixture);
