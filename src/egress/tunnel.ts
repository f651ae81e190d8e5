import { type Duplex, Transform } from 'node:stream';
import type { HelloGate } from './hello-gate.js';
import { createIdleTimer } from './idle.js';
import type { Egress, EgressSession } from './session.js';

export interface Tunnel {
  near: Duplex;
  /** What came with the request for the tunnel. */
  head: Buffer;
  far: Duplex;
  gate: HelloGate;
}

/** A fatal alert, `access_denied` (RFC 8446, section 6): a client names it, and a person finds the rest in the audit. */
const ACCESS_DENIED = Buffer.from([0x15, 3, 3, 0, 2, 2, 49]);

/**
 * Carries bytes both ways until one side ends or nothing has passed for long. What the client says goes through the gate;
 * rejects with its Refusal, which the client has been told.
 */
export function carry(
  { clock, limits }: Egress,
  session: EgressSession,
  { near, head, far, gate }: Tunnel,
): { ended: Promise<void>; cut(): void } {
  const cut = () => {
    near.destroy();
    far.destroy();
  };
  const ended = new Promise<void>((resolve, reject) => {
    const idle = createIdleTimer(clock, limits.tunnelIdle, cut);
    const overdue = clock.after(limits.helloTimeout, () => {
      if (gate.isWaiting) cut();
    });
    const towardsFar = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        try {
          done(null, gate.fromClient(chunk));
        } catch (error) {
          reject(error);
          near.unpipe(towardsFar);
          far.unpipe(near);
          // Read on: what is left unread would take the alert with it.
          near.resume();
          near.end(ACCESS_DENIED, cut);
        }
      },
    });
    let open = 2;
    const watch = (from: Duplex, onClose: () => void) => {
      from.on('data', (chunk: Buffer) => {
        idle.touch();
        session.tunnelBytes.add(chunk.length);
        if (session.tunnelBytes.left() < 0) cut();
      });
      from.on('error', cut);
      from.once('close', () => {
        onClose();
        open -= 1;
        if (open > 0) return;
        idle.stop();
        overdue.cancel();
        resolve();
      });
    };
    // What one side said last still has to reach the other.
    watch(near, () => {
      if (!near.readableEnded || far.writableFinished) far.destroy();
      else far.once('finish', () => far.destroy());
      towardsFar.end();
    });
    watch(far, () => {
      if (far.readableEnded) near.end(() => near.destroy());
      else near.destroy();
    });
    far.on('data', (chunk: Buffer) => {
      const kept = gate.fromServer(chunk);
      if (kept.length > 0) towardsFar.push(kept);
    });
    towardsFar.pipe(far);
    near.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length > 0) towardsFar.write(head);
    near.pipe(towardsFar);
    far.pipe(near);
  });
  return { ended, cut };
}
