import { crashMatrix } from './suite.js';

crashMatrix('process');
