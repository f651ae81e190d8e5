import { BENCH_CHANNEL } from './lib/adapter.js';
import { bareOptions } from './lib/bare.js';
import { type BenchDocker, prepareDocker } from './lib/docker.js';
import type { Bench } from './lib/figure.js';
import { createBenchHost } from './lib/host.js';
import { inTurns, timed } from './lib/stats.js';

const ROUNDS = 20;
const WARM_UP = 2;

/** A message to an agent that sleeps, until its provider is given the prompt. */
export const cold: Bench = {
  name: 'cold',
  summary: 'a message to an agent that sleeps, until the provider has its prompt',
  async run({ factor }) {
    const docker = await prepareDocker();
    const host = await createBenchHost({ docker, provider: 'mock' });
    try {
      const { id } = host.wire('cold');
      const chat = { channelType: BENCH_CHANNEL, platformId: `${BENCH_CHANNEL}:cold`, threadId: '' };
      const { subject, floor } = await inTurns(
        Math.ceil(ROUNDS * factor),
        WARM_UP,
        async () => {
          await host.containers.runner.stop(id, 'idle', 0);
          await host.ask('cold', 'hello');
          // The system's own times: the claim is the last thing before the prompt goes to the provider.
          const { intake = 0, claim = 0 } = host.outbound.stages.last(id, chat) ?? {};
          return intake + claim;
        },
        () => timed(() => runBare(docker)),
      );
      return {
        figures: [
          {
            ...{ what: 'cold, message to first prompt', unit: 'ms', subject, aim: { atMost: 1.6 } },
            floor: {
              what: 'creating, starting and awaiting a bare container that runs `node -e 0`',
              value: floor,
            },
            note: `the same hardening and image on both sides, mock provider, ${subject.n} rounds`,
          },
        ],
      };
    } finally {
      await host.close();
    }
  },
};

async function runBare({ calls }: BenchDocker): Promise<void> {
  const container = await calls.createContainer(bareOptions(['node', '-e', '0']));
  const ended = container.wait({ condition: 'next-exit' });
  await container.start();
  await ended;
  // Not waited for: it is no part of what is measured.
  container.remove({ force: true }).catch(() => {});
}
