import { afterAll } from 'vitest';
import { channelCells } from '../system/crash-matrix/cells.js';
import { crashMatrix } from '../system/crash-matrix/suite.js';
import { createCheckout } from './checkout.js';

const called = ['github', 'linear', 'gchat', 'teams', 'whatsapp-cloud', 'resend'];
const { root, remove } = createCheckout(['telegram', 'slack', ...called]);
afterAll(remove);

crashMatrix('process', channelCells, { root });
