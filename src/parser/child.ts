import { limitSelf } from '../async/self-limit.js';
import { reasonOf } from '../errors.js';
import { JOBS, type Jobs } from './jobs.js';
import type { ParserMessage } from './results.js';

/**
 * The parser process, spoken to over Node's IPC channel: it alone parses what strangers wrote. A text that hangs a parser
 * hangs this process and nothing else.
 */
const LIMIT = { clockMs: 10_000, cpuMs: 2_000 };
const limit = limitSelf(LIMIT);

process.on('message', (question: { id: number; job: keyof Jobs; input: never }) => void answer(question));
process.on('disconnect', () => process.exit(0));
// The terminal's interrupt reaches the whole group; the host decides when this process ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
send({ event: 'ready' });

async function answer({ id, job, input }: { id: number; job: keyof Jobs; input: never }): Promise<void> {
  try {
    const read = await JOBS[job]();
    limit.begin();
    const value = read(input);
    limit.end();
    send({ event: 'parsed', id, value });
  } catch (error) {
    limit.end();
    send({ event: 'failed', id, reason: reasonOf(error).slice(0, 1000) });
  }
}

function send(message: ParserMessage): void {
  process.send?.(message);
}
