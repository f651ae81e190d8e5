import { cliFixture } from '../../../channels/cli.js';
import { channelContract } from '../../../channels/contract.js';

channelContract(cliFixture);
