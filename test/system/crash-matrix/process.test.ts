import { onePerPoint } from './cells.js';
import { crashMatrix } from './suite.js';

crashMatrix('process', onePerPoint);
