import type { Bench, Figure } from './lib/figure.js';
import { createHome } from './lib/process.js';
import { inTurns } from './lib/stats.js';

const ROUNDS = 8;

/** What a person waits for who runs a step. */
export const steps: Bench = {
  name: 'steps',
  summary: 'register and verify --offline as whole processes, and how much of them is start-up',
  async run({ factor }) {
    const home = createHome();
    const step = async (name: string, ...flags: string[]) =>
      (await home.run(['setup/index.ts', '--step', name, '--', ...flags])).ms;
    let chats = 0;
    const register = () => {
      chats += 1;
      return step(
        'register',
        '--platform-id',
        `discord:1100000000000000001:${12e17 + chats * 1000}`,
        '--name',
        'Chat',
        '--folder',
        `c${chats}`,
      );
    };
    try {
      const measure = async (what: string, name: string, run: () => Promise<number>): Promise<Figure> => {
        const found = await inTurns(Math.ceil(ROUNDS * factor), 1, run, () => step(name, '--help'));
        const share = (found.floor.p50 / found.subject.p50) * 100;
        return {
          ...{ what, unit: 'ms', subject: found.subject, aim: null },
          floor: { what: 'the same process that only prints its usage', value: found.floor },
          note: `start-up is ${share.toFixed(0)} % of it`,
        };
      };
      return {
        figures: [
          await measure('--step register', 'register', register),
          await measure('--step verify --offline', 'verify', () => step('verify', '--offline')),
        ],
      };
    } finally {
      home.remove();
    }
  },
};
