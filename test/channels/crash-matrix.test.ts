import { afterAll } from 'vitest';
import { channelCells } from '../system/crash-matrix/cells.js';
import { crashMatrix } from '../system/crash-matrix/suite.js';
import { createCheckout } from './checkout.js';

const { root, remove } = createCheckout(['telegram', 'slack', 'github', 'whatsapp-cloud', 'resend']);
afterAll(remove);

crashMatrix('process', channelCells, { root });
