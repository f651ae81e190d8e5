import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../src/clock.js';

const LONGEST_BYTES = 5_000_000;

/**
 * `logs/setup.log`: what steps did and said, each line with its time. A step that cannot log goes on: the log explains
 * failures, it must not cause them.
 */
export function createSetupLog(home: string, clock: Clock): (text: string) => void {
  const folder = join(home, 'logs');
  const file = join(folder, 'setup.log');
  let ready = false;
  return (text) => {
    try {
      if (!ready) {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        keepShort(file);
        ready = true;
      }
      const time = new Date(clock.now()).toISOString();
      const lines = text.trimEnd().split('\n');
      appendFileSync(file, lines.map((line) => `${time} ${line}\n`).join(''), { mode: 0o600 });
    } catch {}
  };
}

function keepShort(file: string): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LONGEST_BYTES) renameSync(file, `${file}.old`);
}
