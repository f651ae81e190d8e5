import { engineConformance } from '../engine-conformance.js';
import { createDockerWorld } from './world.js';

engineConformance('docker', { outlivesHost: true, create: async () => createDockerWorld() });
