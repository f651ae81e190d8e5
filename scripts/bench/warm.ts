import { createBareTrip } from './lib/bare.js';
import { type BenchDocker, prepareDocker } from './lib/docker.js';
import type { Bench, Figure } from './lib/figure.js';
import { createBenchHost } from './lib/host.js';
import { inTurns, timed } from './lib/stats.js';

const ROUNDS = 200;
/** Longer than a reply takes to be marked as sent. */
const REST_MS = 20;
const WARM_UP = 20;

/** One more message to an agent that is awake. */
export const warm: Bench = {
  name: 'warm',
  summary: 'a round trip to an agent that is awake',
  async run({ factor }) {
    const docker = await prepareDocker();
    return {
      figures: [
        await measure(docker, 'warm round trip, container', factor),
        await measure(null, 'warm round trip, process', factor),
      ],
    };
  },
};

async function measure(docker: BenchDocker | null, what: string, factor: number): Promise<Figure> {
  const host = await createBenchHost({ docker, provider: 'mock' });
  const bare = await createBareTrip(docker);
  try {
    host.wire('warm');
    const rounds = Math.ceil(ROUNDS * factor);
    const found = await inTurns(
      rounds,
      Math.ceil(WARM_UP * factor),
      () => timed(() => host.ask('warm', 'hello')),
      () => timed(() => bare.trip()),
      REST_MS,
    );
    const program = docker ? 'a bare container' : 'a bare process';
    return {
      ...{ what, unit: 'ms', subject: found.subject, aim: { atMost: 2.5 } },
      floor: { what: `${program} that makes the same two fsynced commits and bells`, value: found.floor },
      note: `routeInbound called to adapter.deliver called, mock provider, ${found.subject.n} rounds`,
    };
  } finally {
    await bare.close();
    await host.close();
  }
}
