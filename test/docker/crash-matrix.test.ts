import { inject } from 'vitest';
import { installationIdOf } from '../../src/config.js';
import { INSTALLATION } from '../../src/engine/docker/labels.js';
import { cells } from '../system/crash-matrix/cells.js';
import { crashMatrix } from '../system/crash-matrix/suite.js';
import { dockerClients, engineSocket } from './world.js';

crashMatrix('docker', cells, {
  env: {
    WHARFIE_MOCK_ENGINE: 'docker',
    WHARFIE_DOCKER_SOCKET: engineSocket(),
    WHARFIE_IMAGE: inject('agentImage'),
  },
  // Containers outlive their host: that is what the next one adopts.
  async beforeClose(home) {
    const { calls } = dockerClients();
    const filters = { label: [`${INSTALLATION}=${installationIdOf(home)}`] };
    for (const { Id } of await calls.listContainers({ all: true, filters })) {
      await calls.getContainer(Id).remove({ force: true });
    }
  },
});
