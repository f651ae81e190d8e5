import { Duplex } from 'node:stream';
import type { Container } from 'dockerode';
import type { Clock } from '../../clock.js';
import { createEar } from '../shared/ear.js';
import { createRinger } from '../shared/ringer.js';
import { begun } from './connection.js';
import { createFrameReader } from './frames.js';

/** The bell of one container: its attached standard input and output. */
export interface Attachment {
  /** True while there is a stream, and while it was let go on purpose (a container that floods it). */
  readonly settled: boolean;
  /** Attaches; nothing happens where it is attached already. Throws what the engine's client throws. */
  attach(): Promise<void>;
  ring(): void;
  close(): void;
}

/**
 * `onLost` is called when a stream ends that was not closed on purpose. `onMute(true)`: the container wrote more than
 * a bell needs and was let go; `onMute(false)`: it may be attached again.
 */
export function createAttachment(deps: {
  container: Container;
  clock: Clock;
  onRing: () => void;
  onLost: () => void;
  onMute: (muted: boolean) => void;
}): Attachment {
  let stream: Duplex | null = null;
  let closed = false;
  const letGo = () => {
    const old = stream;
    stream = null;
    old?.destroy();
  };
  const ear = createEar({
    clock: deps.clock,
    onRing: deps.onRing,
    onMute(muted) {
      if (muted) letGo();
      deps.onMute(muted);
    },
  });
  const listen = (next: Duplex) => {
    stream = next;
    const frames = createFrameReader();
    next.on('data', (chunk: Buffer) => {
      if (stream === next) ear.heard(frames.push(chunk));
    });
    next.on('error', () => {});
    next.once('close', () => {
      if (stream !== next) return;
      stream = null;
      if (!closed) deps.onLost();
    });
  };
  const ring = createRinger((done) => {
    if (stream) stream.write('\n', () => done());
    else done();
  });
  return {
    get settled() {
      return stream !== null || ear.muted || closed;
    },
    async attach() {
      if (this.settled) return;
      const next = await attachTo(deps.container, deps.clock);
      if (this.settled) next.destroy();
      else listen(next);
    },
    ring,
    close() {
      closed = true;
      ear.close();
      letGo();
    },
  };
}

/** Standard error stays with the engine: the post-mortem reads its end, and nobody can flood us with it. */
async function attachTo(container: Container, clock: Clock): Promise<Duplex> {
  const options = { stream: true, hijack: true, stdin: true, stdout: true, stderr: false, logs: false };
  const stream = await begun(clock, (abortSignal) => container.attach({ ...options, abortSignal }));
  if (!(stream instanceof Duplex)) throw new TypeError('the engine did not give a stream both ways');
  return stream;
}
