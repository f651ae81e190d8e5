import type { Bench } from './lib/figure.js';
import { childrenOf, usageOf } from './lib/machine.js';
import { addIdleSessions } from './lib/many-sessions.js';
import { createHome, pause } from './lib/process.js';
import { percentile } from './lib/stats.js';

const COUNTS = [0, 100, 1000, 10_000];
const WATCHED_MS = 30_000;
/** Starts are over by then: what goes on after that goes on for ever. */
const SETTLE_MS = 5_000;

/** What a host costs that has nothing to do. */
export const idle: Bench = {
  name: 'idle',
  summary: '10,000 sessions of which none is due: processor time, memory, start to ready',
  async run({ factor }) {
    const home = createHome();
    const found: { sessions: number; startMs: number; cpu: number; mb: number; readerMb: number }[] = [];
    try {
      for (const [index, sessions] of COUNTS.entries()) {
        addIdleSessions(home.data, COUNTS[index - 1] ?? 0, sessions);
        // The first start of all compiles; the second one is everybody's.
        await (await home.startHost()).stop();
        const host = await home.startHost();
        await pause(SETTLE_MS);
        const before = usageOf(host.pid);
        const last = sessions === COUNTS.at(-1);
        const watched = WATCHED_MS * (last ? Math.max(factor, 0.1) : 0.2 * factor);
        await pause(watched);
        const after = usageOf(host.pid);
        found.push({
          sessions,
          startMs: host.ms,
          cpu: ((after.cpuSeconds - before.cpuSeconds) / (watched / 1000)) * 100,
          mb: after.residentMb,
          readerMb: childrenOf(host.pid).reduce((sum, pid) => sum + usageOf(pid).residentMb, 0),
        });
        await host.stop();
      }
    } finally {
      home.remove();
    }
    const empty = percentile(await emptyPrograms(), 0.5);
    const [none, many] = [found[0], found.at(-1)];
    if (!none || !many) throw new Error('nothing was measured');
    const points = (of: (one: (typeof found)[number]) => number) =>
      found.map((one) => ({ x: one.sessions, y: of(one) }));
    return {
      figures: [
        {
          ...{
            what: '10,000 idle sessions, processor',
            unit: '%',
            subject: many.cpu,
            floor: null,
            aim: { atMost: 1 },
          },
          note: `of one core, over 30 s; without any session ${none.cpu.toFixed(2)} %`,
        },
        {
          ...{
            what: '10,000 idle sessions, memory',
            unit: 'MB',
            subject: many.mb,
            floor: null,
            aim: { atMost: 150 },
          },
          note: `resident, the host's process; without any session ${none.mb.toFixed(0)} MB; its reader process has ${many.readerMb.toFixed(0)} MB more`,
        },
        {
          ...{ what: '10,000 idle sessions, start to ready', unit: 'ms', subject: many.startMs, floor: null },
          ...{ aim: { atMost: 1000 } },
          note: `the process begun to its terminal answering; without any session ${none.startMs.toFixed(0)} ms, an empty program ${empty.toFixed(0)} ms`,
        },
      ],
      plots: [
        {
          ...{ name: 'sessions-memory', title: 'Memory of an idle host', x: 'sessions', y: 'MB resident' },
          series: [{ label: 'host', points: points((one) => one.mb) }],
        },
        {
          ...{ name: 'sessions-start', title: 'Start to ready', x: 'sessions', y: 'ms' },
          series: [{ label: 'host', points: points((one) => one.startMs) }],
        },
      ],
    };
  },
};

/** What every program waits for before its first line: Node. Milliseconds. */
async function emptyPrograms(): Promise<number[]> {
  const home = createHome();
  const times: number[] = [];
  for (let n = 0; n < 3; n += 1) times.push((await home.run(['-e', '0'])).ms);
  home.remove();
  return times;
}
