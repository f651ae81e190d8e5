import path from 'node:path';
import { codeRoot } from '../../src/config.js';
import { programArgs } from '../../src/own-programs.js';
import type { Bench, Figure } from './lib/figure.js';
import { createHome } from './lib/process.js';
import { inTurns } from './lib/stats.js';

const ROUNDS = 8;

/** What a person waits for who runs a step. */
export const steps: Bench = {
  name: 'steps',
  summary: 'register and verify --offline as whole processes, against Node that opens a database',
  async run({ factor }) {
    const home = createHome();
    const step = async (name: string, ...flags: string[]) =>
      (await home.run([...programArgs('setup', codeRoot), '--step', name, '--', ...flags])).ms;
    const database = JSON.stringify(path.join(home.home, 'floor.db'));
    const bare = async () =>
      (await home.run(['-e', `new (require('better-sqlite3'))(${database}).exec('SELECT 1')`])).ms;
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
        const found = await inTurns(Math.ceil(ROUNDS * factor), 1, run, bare);
        const usage = await inTurns(Math.ceil(ROUNDS * factor), 0, () => step(name, '--help'), bare);
        return {
          ...{ what, unit: 'ms', subject: found.subject, aim: { atMost: 1.5 } },
          floor: { what: 'Node that opens a database with better-sqlite3', value: found.floor },
          note: `to its usage it takes ${(usage.subject.p50 / usage.floor.p50).toFixed(2)} times the floor`,
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
