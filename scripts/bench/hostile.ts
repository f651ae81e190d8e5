import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ChannelAdapter } from '../../src/channels/adapter.js';
import { hostileTexts } from '../../test/channels/contract/hostile-texts.js';
import type { Stage } from '../../test/channels/contract/stage.js';
import type { ChannelFixture } from '../../test/channels/contract.js';
import { type Bench, type Figure, NotHere } from './lib/figure.js';
import { loadFixtures } from './lib/fixtures.js';
import { createBenchHost } from './lib/host.js';
import { pause } from './lib/process.js';

const STRANGERS = 1000;
/** So many of a stranger's come before each of the owner's. */
const BETWEEN = 10;
const LONGEST_MS = 60_000;
const NS_PER_MS = 1e6;
const MB = 1024 ** 2;

/** What strangers' texts cost the owner, on each channel, against texts of the same length that have no marks. */
export const hostile: Bench = {
  name: 'hostile',
  summary:
    "1,000 hostile texts of strangers a channel among 100 of the owner's: stops of the event loop, memory",
  async run({ factor }) {
    const figures: Figure[] = [];
    const skipped: string[] = [];
    for (const fixture of await loadFixtures()) {
      const count = Math.ceil((STRANGERS * factor) / BETWEEN) * BETWEEN;
      try {
        figures.push(...(await figuresOf(fixture, count)));
      } catch (error) {
        if (!(error instanceof NotHere)) throw error;
        skipped.push(`${fixture.channelType}: ${error.message}`);
      }
    }
    return { figures, skipped };
  },
};

async function figuresOf(fixture: ChannelFixture, count: number): Promise<Figure[]> {
  const name = fixture.channelType;
  const plain = await crowd(fixture, (length) => Array.from({ length: count }, () => 'x'.repeat(length)));
  const marked = await crowd(fixture, (length) => hostileTexts(count, length));
  const note = `${marked.answered} of ${count / BETWEEN} answered`;
  return [
    {
      ...{ what: `${name}: longest stop`, unit: 'ms', subject: marked.stopMs, aim: null, note },
      floor: { what: 'texts of the same length without marks', value: plain.stopMs },
    },
    {
      ...{ what: `${name}: memory gained`, unit: 'MB', subject: marked.mb, aim: null },
      floor: { what: 'texts of the same length without marks', value: plain.mb },
    },
  ];
}

/** Strangers write in a chat that nobody wired, the owner in one that is; each answer is waited for. */
async function crowd(fixture: ChannelFixture, textsOf: (length: number) => string[]) {
  const stage = await fixture.open();
  const { adapter, answered } = counting(stage);
  const elsewhere = stage.group ?? stage.other;
  if (!elsewhere) throw new NotHere('it has one chat only');
  const texts = textsOf(stage.longestSaid);
  const host = await createBenchHost({ docker: null, provider: 'mock', adapters: [adapter] });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  try {
    host.wireTo(stage.direct);
    await until(() => stage.adapter.health().state === 'connected', 'connection');
    stage.say(stage.direct, 'warm up');
    await until(() => answered.some((text) => text.includes('warm up')), 'answer to the first message');
    const before = process.memoryUsage.rss();
    delay.enable();
    for (const [at, text] of texts.entries()) {
      stage.say(elsewhere, text);
      if ((at + 1) % BETWEEN > 0) continue;
      const own = `number ${(at + 1) / BETWEEN} of mine`;
      stage.say(stage.direct, own);
      await until(() => answered.some((one) => one.includes(own)), `answer to ${own}`);
    }
    delay.disable();
    return {
      stopMs: delay.max / NS_PER_MS,
      mb: Math.max(0.1, (process.memoryUsage.rss() - before) / MB),
      answered: new Set(answered.flatMap((text) => /number \d+ of mine/.exec(text)?.[0] ?? [])).size,
    };
  } finally {
    delay.disable();
    await host.close();
    await stage.close();
  }
}

/** The stage's adapter, which keeps what it is asked to say. */
function counting({ adapter }: Stage): { adapter: ChannelAdapter; answered: string[] } {
  const answered: string[] = [];
  const deliver: ChannelAdapter['deliver'] = async (request) => {
    const result = await adapter.deliver(request);
    if (request.part.type === 'text') answered.push(request.part.text);
    return result;
  };
  const counted = new Proxy(adapter, {
    get: (target, name) => (name === 'deliver' ? deliver : Reflect.get(target, name, target)),
  });
  return { adapter: counted, answered };
}

async function until(found: () => boolean, what: string): Promise<void> {
  const began = performance.now();
  while (!found()) {
    if (performance.now() - began > LONGEST_MS) throw new NotHere(`no ${what} within ${LONGEST_MS / 1000} s`);
    await pause(1);
  }
}
