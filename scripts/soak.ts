import minimist from 'minimist';
import { table } from '../test/system/crash-matrix/print.js';
import { type Result, runCampaign } from '../test/system/crash-matrix/random-kills.js';

const USAGE = 'npm run soak -- --minutes N --seed S';

/**
 * Kills hosts and runners at random moments for as long as it is told, one campaign after the other with seeds that
 * count up, and prints what it did and what arrived. Ends with 1 at the first campaign that breaks a promise.
 */
async function soak(minutes: number, firstSeed: number): Promise<number> {
  const until = performance.now() + minutes * 60_000;
  const rows: Record<string, string | number>[] = [];
  let seed = firstSeed;
  do {
    console.log(`seed ${seed}`);
    const result = await runCampaign({
      seed,
      chats: 5,
      messages: 120,
      kills: 15,
      faults: true,
      tell: (line) => console.log(`  ${line}`),
    });
    rows.push({ seed, ...result });
    console.log(`  ${JSON.stringify(result)}`);
    if (isBroken(result)) break;
    seed += 1;
  } while (performance.now() < until);
  console.log(`\n${table(rows)}`);
  const broken = rows.length > 0 && seed - firstSeed < rows.length;
  if (broken) console.log(`\nA promise is broken; again: npm run soak -- --minutes 1 --seed ${seed}`);
  return broken ? 1 : 0;
}

const isBroken = ({ lost, doubled, outOfOrder, open, dead, failed }: Result): boolean =>
  lost + doubled + outOfOrder + open + dead + failed > 0;

function numbersOf(argv: string[]): { minutes: number; seed: number } | null {
  const flags = minimist(argv, { string: ['minutes', 'seed'], default: { minutes: '5', seed: '1' } });
  const { _: words, minutes, seed, ...unknown } = flags;
  const numbers = { minutes: Number(minutes), seed: Number(seed) };
  const valid = numbers.minutes > 0 && Number.isInteger(numbers.seed);
  return valid && words.length + Object.keys(unknown).length === 0 ? numbers : null;
}

const numbers = numbersOf(process.argv.slice(2));
if (numbers === null) console.error(`Usage: ${USAGE}`);
process.exitCode = numbers ? await soak(numbers.minutes, numbers.seed) : 4;
