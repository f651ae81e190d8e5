import { channels as catalog, factsOf } from '../../src/channels/catalog/index.js';
import { createCheckout } from '../../test/channels/checkout.js';
import type { ChannelFixture } from '../../test/channels/contract.js';
import { timeChannel } from './lib/channel-trip.js';
import { type Bench, type Figure, NotHere } from './lib/figure.js';
import { loadFixtures } from './lib/fixtures.js';
import { usageOf } from './lib/machine.js';
import { createHome, pause } from './lib/process.js';
import { summarize } from './lib/stats.js';

const ROUNDS = 60;
const STARTS = 3;
const SETTLE_MS = 3000;
/** Nothing listens there. */
const NOWHERE = 'http://127.0.0.1:9';

/** What a channel adds, each against the fake of its platform, and what having them all costs. */
export const channels: Bench = {
  name: 'channels',
  summary:
    'platform event to prompt and reply to platform, per channel; start and memory with one and with all',
  async run({ factor }) {
    const fixtures = await loadFixtures();
    const figures: Figure[] = [];
    const skipped: string[] = [];
    for (const fixture of fixtures) {
      try {
        figures.push(...(await channelFigures(fixture, Math.ceil(ROUNDS * factor))));
      } catch (error) {
        if (!(error instanceof NotHere)) throw error;
        skipped.push(`${fixture.channelType}: ${error.message}`);
      }
    }
    const platforms = Object.keys(catalog).filter((type) => type !== 'cli');
    const one = await startWith(['discord'], factor);
    const all = await startWith(platforms, factor);
    figures.push(
      {
        ...{ what: 'start to ready, all channels', unit: 'ms', subject: all.start, aim: null },
        floor: { what: 'the host with Discord alone', value: one.start },
        note: platforms.join(', '),
      },
      {
        ...{ what: 'memory, all channels', unit: 'MB', subject: all.mb, aim: null },
        floor: { what: 'the host with Discord alone', value: one.mb },
        note: 'their packages loaded, their platforms not to be reached',
      },
    );
    return { figures, skipped };
  },
};

async function channelFigures(fixture: ChannelFixture, rounds: number): Promise<Figure[]> {
  const { channelType: name } = fixture;
  const { intake, reply } = await timeChannel(fixture, rounds);
  return [
    {
      ...{ what: `${name}: event to prompt`, unit: 'ms', subject: intake.subject, aim: null },
      floor: { what: 'the same adapter with a handler that does nothing', value: intake.floor },
    },
    {
      ...{ what: `${name}: reply to platform`, unit: 'ms', subject: reply.subject, aim: null },
      floor: { what: 'the same adapter told to say it directly', value: reply.floor },
    },
  ];
}

async function startWith(types: readonly string[], factor: number) {
  const checkout = createCheckout(types);
  // Credentials of nobody, and a port on which nothing listens: each channel loads its package and tries for ever.
  const credentials = types
    .map(factsOf)
    .flatMap((facts) => [
      ...facts.credentials.map(({ name }): [string, string] => [name, 'bench-000']),
      [`${facts.type.split('-')[0]?.toUpperCase()}_API_URL`, NOWHERE] as [string, string],
    ]);
  const home = createHome({ ...Object.fromEntries(credentials), WHARFIE_WEBHOOK_PORT: '38917' });
  const [starts, mb]: [number[], number[]] = [[], []];
  try {
    await (await home.startHost(checkout.root)).stop();
    for (let n = 0; n < Math.max(1, Math.ceil(STARTS * factor)); n += 1) {
      const host = await home.startHost(checkout.root);
      await pause(SETTLE_MS);
      starts.push(host.ms);
      mb.push(usageOf(host.pid).residentMb);
      await host.stop();
    }
  } finally {
    home.remove();
    checkout.remove();
  }
  return { start: summarize(starts), mb: summarize(mb) };
}
