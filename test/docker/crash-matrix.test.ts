import { inject } from 'vitest';
import { cells } from '../system/crash-matrix/cells.js';
import { crashMatrix } from '../system/crash-matrix/suite.js';
import { engineSocket, removeContainersOf } from './world.js';

crashMatrix('docker', cells, {
  env: {
    WHARFIE_MOCK_ENGINE: 'docker',
    WHARFIE_DOCKER_SOCKET: engineSocket(),
    WHARFIE_IMAGE: inject('agentImage'),
  },
  // Containers outlive their host: that is what the next one adopts.
  beforeClose: removeContainersOf,
});
