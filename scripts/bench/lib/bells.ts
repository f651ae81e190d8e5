import { Duplex, type Readable, type Writable } from 'node:stream';
import type { Container } from 'dockerode';

/** Attaches to a container that was created and not yet started. */
export async function attachBells(container: Container) {
  const stream = await container.attach({
    ...{ stream: true, stdin: true, stdout: true, stderr: false, hijack: true },
  });
  if (!(stream instanceof Duplex)) throw new Error('the engine gave no stream to attach to');
  return { stream, ...bells(stream, stream) };
}

/** A bell holds no data: whatever arrives is a ring. */
export function bells(from: Readable, to: Writable) {
  let unheard = 0;
  let wake: (() => void) | null = null;
  from.on('data', () => {
    if (wake) wake();
    else unheard += 1;
    wake = null;
  });
  return {
    ring: () => void to.write('\n'),
    rung: () =>
      new Promise<void>((resolve) => {
        if (unheard === 0) {
          wake = resolve;
          return;
        }
        unheard -= 1;
        resolve();
      }),
  };
}
