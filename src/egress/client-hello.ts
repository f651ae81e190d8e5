/** What the first bytes of a connection are (RFC 8446, sections 4.1.2 and 5.1; RFC 6066, section 3). */
export type Hello =
  /** More bytes are needed to tell. */
  | { kind: 'more' }
  | { kind: 'not-tls' }
  /** It says TLS, and is not what any client sends: cut in several records, or of a wrong form. */
  | { kind: 'odd' }
  /** `serverName`: as it was sent, or null where none was; `hidden`: there may be another one, encrypted. */
  | { kind: 'hello'; serverName: string | null; hidden: boolean };

const HANDSHAKE = 0x16;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
/** draft-ietf-tls-esni, section 5; the draft's earlier number for names alone. */
const HIDING = new Set([0xfe0d, 0xffce]);
const RECORD_HEADER = 5;
const LONGEST_RECORD = 16_384;

/**
 * Reads the beginning of what a client sends. A name that is split over two records is one that one reader sees and
 * another does not: a hello has to stand in one.
 */
export function readClientHello(bytes: Buffer): Hello {
  if (bytes.length === 0) return { kind: 'more' };
  if (bytes[0] !== HANDSHAKE || (bytes.length > 1 && bytes[1] !== 3)) return { kind: 'not-tls' };
  if (bytes.length < RECORD_HEADER) return { kind: 'more' };
  const length = bytes.readUInt16BE(3);
  if (length < 4 || length > LONGEST_RECORD) return { kind: 'odd' };
  if (bytes.length < RECORD_HEADER + length) return { kind: 'more' };
  try {
    return helloIn(new Reader(bytes.subarray(RECORD_HEADER, RECORD_HEADER + length)));
  } catch (error) {
    if (error instanceof RangeError) return { kind: 'odd' };
    throw error;
  }
}

function helloIn(record: Reader): Hello {
  if (record.number(1) !== CLIENT_HELLO) return { kind: 'odd' };
  const hello = record.part(3);
  // Another handshake message behind it would be one that no client sends.
  if (record.left > 0) return { kind: 'odd' };
  // Version and random.
  hello.bytes(2 + 32);
  // Session id, cipher suites, compression methods.
  for (const size of [1, 2, 1]) hello.part(size);
  let serverName: string | null = null;
  let hidden = false;
  const seen = new Set<number>();
  const extensions = hello.left > 0 ? hello.part(2) : null;
  if (hello.left > 0) return { kind: 'odd' };
  while (extensions && extensions.left > 0) {
    const type = extensions.number(2);
    const extension = extensions.part(2);
    if (seen.has(type)) return { kind: 'odd' };
    seen.add(type);
    if (HIDING.has(type)) hidden = true;
    if (type !== SERVER_NAME) continue;
    const names = extension.part(2);
    const isHost = names.number(1) === 0;
    serverName = names.part(2).text();
    // One name, of a host: what servers do with more is not agreed.
    if (!isHost || names.left > 0 || extension.left > 0) return { kind: 'odd' };
  }
  return { kind: 'hello', serverName, hidden };
}

/** Reads on from a place. Throws a RangeError where there are fewer bytes than something says. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  bytes(length: number): Buffer {
    if (length > this.left) throw new RangeError('too short');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  number(size: number): number {
    return this.bytes(size).readUIntBE(0, size);
  }

  /** What a length of so many bytes says. */
  part(size: number): Reader {
    return new Reader(this.bytes(this.number(size)));
  }

  text(): string {
    return this.#bytes.toString('latin1');
  }
}
