import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../../src/clock.js';
import { createProcessEngine } from '../../../src/engine/process/index.js';
import type { ContainerEngine } from '../../../src/engine/types.js';
import { engineConformance } from '../../engine-conformance.js';

const program = fileURLToPath(new URL('../../engine-conformance/program.mjs', import.meta.url));

engineConformance('process', {
  outlivesHost: false,
  async create() {
    const folder = await mkdtemp(join(tmpdir(), 'wharfie-process-'));
    const engines: ContainerEngine[] = [];
    return {
      engine() {
        const engine = createProcessEngine({
          command: { file: process.execPath, args: [program], cwd: folder },
          stateDir: join(folder, 'state'),
          clock: systemClock,
        });
        engines.push(engine);
        return engine;
      },
      spec: (spec) => spec,
      unstartable: {
        change: (spec) => ({
          ...spec,
          mounts: [{ source: join(folder, 'missing'), target: '/workspace/in', readOnly: true }],
        }),
        code: 'start-failed',
      },
      async dispose() {
        for (const engine of engines) await engine.close();
        await rm(folder, { recursive: true });
      },
    };
  },
});
