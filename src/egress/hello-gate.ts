import { isIP } from 'node:net';
import { readClientHello } from './client-hello.js';
import type { Destination } from './policy.js';
import { Refusal } from './refusal.js';

export interface HelloGate {
  /** Takes what the client says, and gives what may go on. Throws a Refusal. */
  fromClient(chunk: Buffer): Buffer;
  /** Takes note of what the server says, and gives what of the client's words was kept for that. */
  fromServer(chunk: Buffer): Buffer;
  /** It is the client's turn to say whom it wants; where a server may speak first, only once the client has begun. */
  readonly isWaiting: boolean;
}

const NOTHING = Buffer.alloc(0);
const HANDSHAKE = 0x16;
const SERVER_HELLO = 2;
const RECORD_HEADER = 5;
/** By which a ServerHello asks for another ClientHello (RFC 8446, section 4.1.3), and where it stands. */
const RETRY = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');
const RETRY_AT = 11;

/**
 * Stands in a tunnel and lets the client's words on once they are a hello for the name that was allowed: at an address
 * that many share, that name decides whose door opens. Port 443 speaks TLS. On a port that the operator listed, other
 * protocols may be meant; where it is TLS the same holds.
 *
 * A server may ask for a second hello, and may go by the name in that one; a client may send it unasked. So until the
 * server has answered that it wants none, whatever the client begins a handshake with is held to the same.
 */
export function createHelloGate(destination: Destination): HelloGate {
  let state: 'first' | 'second' | 'open' = 'first';
  let held: Buffer = NOTHING;
  /** Bytes that are left of a record of another kind. */
  let skip = 0;
  let answer: Buffer = NOTHING;
  let isAnswered = false;

  const take = (count: number): Buffer => {
    const taken = held.subarray(0, count);
    held = held.subarray(count);
    return taken;
  };
  /** The hello that `held` begins with, once it is whole. */
  const hello = (): Buffer => {
    if (readClientHello(held).kind === 'more') return NOTHING;
    checkHello(held, destination);
    return take(RECORD_HEADER + held.readUInt16BE(3));
  };
  const first = (): Buffer => {
    if (destination.port !== 443 && held[0] !== HANDSHAKE) {
      state = 'open';
      return take(held.length);
    }
    const passed = hello();
    if (passed.length === 0) return NOTHING;
    state = isAnswered ? 'open' : 'second';
    return Buffer.concat([passed, isAnswered ? take(held.length) : second()]);
  };
  const second = (): Buffer => {
    const passed: Buffer[] = [];
    while (held.length > 0) {
      if (skip > 0) {
        const part = take(Math.min(skip, held.length));
        skip -= part.length;
        passed.push(part);
      } else if (held[0] === HANDSHAKE) {
        const again = hello();
        if (again.length === 0) break;
        state = 'open';
        passed.push(again, take(held.length));
      } else {
        if (held.length < RECORD_HEADER) break;
        skip = RECORD_HEADER + held.readUInt16BE(3);
      }
    }
    return Buffer.concat(passed);
  };
  return {
    get isWaiting() {
      return state === 'first' && (destination.port === 443 || held.length > 0);
    },
    fromClient(chunk) {
      if (state === 'open') return chunk;
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      if (held.length === 0) return NOTHING;
      return state === 'first' ? first() : second();
    },
    fromServer(chunk) {
      if (isAnswered) return NOTHING;
      const needed = RETRY_AT + RETRY.length;
      answer = Buffer.concat([answer, chunk]).subarray(0, needed);
      const isHello = answer[0] === HANDSHAKE && (answer[RECORD_HEADER] ?? SERVER_HELLO) === SERVER_HELLO;
      if (isHello && answer.length < needed) return NOTHING;
      isAnswered = true;
      const asksAgain = isHello && answer.subarray(RETRY_AT).equals(RETRY);
      if (asksAgain || state !== 'second') return NOTHING;
      state = 'open';
      return take(held.length);
    },
  };
}

function checkHello(bytes: Buffer, { host }: Destination): void {
  const hello = readClientHello(bytes);
  if (hello.kind === 'not-tls') throw unspoken('egress-not-tls', 'Only TLS may be spoken on port 443.');
  if (hello.kind !== 'hello') {
    throw unspoken('egress-tls-odd', 'The TLS handshake is not one that clients begin with.');
  }
  if (hello.hidden) {
    throw unspoken(
      'egress-tls-hidden',
      'Encrypted Client Hello is not let through: it hides which host is asked for.',
    );
  }
  const name = hello.serverName?.toLowerCase().replace(/\.$/, '') ?? null;
  const isSame = isIP(host) === 0 ? name === host : name === null || name === host;
  if (isSame) return;
  const said = name === null ? 'no name' : JSON.stringify(name.slice(0, 100));
  throw unspoken('egress-tls-name', `The TLS handshake is for ${said}, the tunnel for ${host}.`, said);
}

const unspoken = (reason: string, message: string, what?: string) =>
  new Refusal(403, reason, message, { answered: true, ...(what === undefined ? {} : { what }) });
