import { createMessagesApi } from '../../test/fakes/messages-api.js';
import { createBareClaude } from './lib/bare-claude.js';
import { prepareDocker } from './lib/docker.js';
import type { Bench } from './lib/figure.js';
import { createBenchHost } from './lib/host.js';
import { inTurns, timed } from './lib/stats.js';

const [COLD_ROUNDS, WARM_ROUNDS] = [8, 40];

/** The whole way with the real program, on a model that answers at once. */
export const claude: Bench = {
  name: 'claude',
  summary: 'message to reply with the real claude, beside the Agent SDK alone in the same container',
  async run({ factor }) {
    const docker = await prepareDocker();
    const api = await createMessagesApi(() => 'Hello back.');
    const bare = await createBareClaude(docker, api.port);
    const host = await createBenchHost({
      ...{ docker, provider: 'claude' },
      env: { ANTHROPIC_API_KEY: 'sk-ant-bench-0000000000', ANTHROPIC_BASE_URL: api.url },
    });
    try {
      const { id } = host.wire('claude');
      const floor = 'the Agent SDK alone in the same hardened container, scripted model';
      const cold = await inTurns(
        Math.ceil(COLD_ROUNDS * factor),
        1,
        async () => {
          await host.containers.runner.stop(id, 'idle', 0);
          return timed(() => host.ask('claude', 'hello'));
        },
        async () => {
          const began = performance.now();
          const alone = await bare.start();
          await alone.ask();
          const ms = performance.now() - began;
          await alone.end();
          return ms;
        },
      );
      const alone = await bare.start();
      await alone.ask();
      const warm = await inTurns(
        Math.ceil(WARM_ROUNDS * factor),
        2,
        () => timed(() => host.ask('claude', 'hello')),
        () => timed(() => alone.ask()),
      );
      await alone.end();
      return {
        figures: [
          {
            ...{ what: 'claude cold, message to reply', unit: 'ms', subject: cold.subject, aim: null },
            floor: { what: `creating and starting ${floor}`, value: cold.floor },
          },
          {
            ...{ what: 'claude warm, message to reply', unit: 'ms', subject: warm.subject, aim: null },
            floor: { what: floor, value: warm.floor },
          },
        ],
      };
    } finally {
      await host.close();
      await bare.close();
      await api.close();
    }
  },
};
