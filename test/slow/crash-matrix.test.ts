import { cells } from '../system/crash-matrix/cells.js';
import { crashMatrix } from '../system/crash-matrix/suite.js';

crashMatrix('process', cells);
