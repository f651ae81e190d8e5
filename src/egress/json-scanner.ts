/** Told of each key and each string value; `path` holds the keys above it, `*` for an element of an array. */
export interface JsonVisitor {
  key(path: readonly string[], name: string): void;
  /** `read` decodes the string, which only few are worth. */
  string(path: readonly string[], read: () => string): void;
}

export class JsonError extends Error {}

const MAX_DEPTH = 256;
/** Raw bytes of a string that are kept. Every spelling of a name of up to 170 characters fits, \u escapes included. */
const KEPT = 1024;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
const LITERALS = new Set(['true', 'false', 'null']);

type Expect = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end' | 'nothing';

/**
 * Reads strict JSON piece by piece, without building it: no size of body blocks the event loop or multiplies in
 * memory, as `JSON.parse` does. Since every occurrence of a key is shown, and what is not plain JSON is an error, a
 * reader that takes the first, the last or the oddly written one of two keys sees nothing that was not shown here.
 */
export class JsonScanner {
  readonly #visitor: JsonVisitor;
  #expect: Expect = 'value';
  readonly #open: ('object' | 'array')[] = [];
  readonly #path: string[] = [];
  #in: 'none' | 'string' | 'bare' = 'none';
  /** The string or number that is being read, one character a byte, as far as it is kept. */
  #raw = '';
  /** Characters of an escape that are still to come: -1 the one after the backslash, else hex digits. */
  #escape = 0;

  constructor(visitor: JsonVisitor) {
    this.#visitor = visitor;
  }

  write(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#in === 'string') at = this.#string(chunk, at);
      else if (this.#in === 'bare') at = this.#bare(chunk, at);
      else {
        this.#structureByte(chunk[at] ?? 0);
        at += 1;
      }
    }
  }

  /** Throws unless exactly one whole value has been read. */
  end(): void {
    if (this.#in === 'bare') this.#endBare();
    if (this.#in === 'string' || this.#expect !== 'nothing') throw new JsonError('The body ends too early.');
  }

  /** Reads on in a string; the index of the first byte after it, or after the chunk. */
  #string(chunk: Buffer, from: number): number {
    let pending = this.#escape;
    for (let at = from; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (pending > 0) {
        if (!isHex(byte)) throw new JsonError('A string in the body holds a broken escape.');
        pending -= 1;
      } else if (pending < 0) {
        if (!ESCAPES.has(byte)) throw new JsonError('A string in the body holds an unknown escape.');
        pending = byte === 0x75 ? 4 : 0;
      } else if (byte === QUOTE) {
        this.#keep(chunk, from, at);
        this.#escape = 0;
        this.#endString();
        return at + 1;
      } else if (byte === BACKSLASH) pending = -1;
      else if (byte < 0x20) throw new JsonError('A string in the body holds a control character.');
    }
    this.#escape = pending;
    this.#keep(chunk, from, chunk.length);
    return chunk.length;
  }

  #bare(chunk: Buffer, from: number): number {
    let at = from;
    while (at < chunk.length && isBare(chunk[at] ?? 0)) at += 1;
    this.#keep(chunk, from, at);
    if (this.#raw.length === KEPT) throw new JsonError('A number in the body is too long.');
    if (at < chunk.length) this.#endBare();
    return at;
  }

  #keep(chunk: Buffer, from: number, to: number): void {
    const end = Math.min(to, from + KEPT - this.#raw.length);
    if (end > from) this.#raw += chunk.toString('latin1', from, end);
  }

  #structureByte(byte: number): void {
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) return;
    if (byte === QUOTE) this.#startString();
    else if (byte === 0x7b) this.#openContainer('object');
    else if (byte === 0x5b) this.#openContainer('array');
    else if (byte === 0x7d) this.#closeContainer('object');
    else if (byte === 0x5d) this.#closeContainer('array');
    else if (byte === 0x3a && this.#expect === 'colon') this.#expect = 'value';
    else if (byte === 0x2c && this.#expect === 'comma-or-end') {
      this.#expect = this.#open.at(-1) === 'object' ? 'key' : 'value';
    } else if (isBare(byte) && this.#takesValue()) {
      this.#in = 'bare';
      this.#raw = String.fromCharCode(byte);
    } else throw new JsonError('The body is not JSON.');
  }

  #takesValue(): boolean {
    return this.#expect === 'value' || this.#expect === 'value-or-end';
  }

  #takesKey(): boolean {
    return this.#expect === 'key' || this.#expect === 'key-or-end';
  }

  #startString(): void {
    if (!this.#takesValue() && !this.#takesKey()) throw new JsonError('The body is not JSON.');
    this.#in = 'string';
    this.#raw = '';
  }

  #endString(): void {
    this.#in = 'none';
    if (this.#takesKey()) {
      const name = decode(this.#raw);
      this.#visitor.key(this.#path, name);
      this.#path.push(name);
      this.#expect = 'colon';
    } else {
      this.#visitor.string(this.#path, () => decode(this.#raw));
      this.#endValue();
    }
  }

  #endBare(): void {
    this.#in = 'none';
    if (!LITERALS.has(this.#raw) && !NUMBER.test(this.#raw)) throw new JsonError('The body is not JSON.');
    this.#endValue();
  }

  #openContainer(kind: 'object' | 'array'): void {
    if (!this.#takesValue()) throw new JsonError('The body is not JSON.');
    if (this.#open.length >= MAX_DEPTH) throw new JsonError('The body is nested too deeply.');
    this.#open.push(kind);
    if (kind === 'array') this.#path.push('*');
    this.#expect = kind === 'array' ? 'value-or-end' : 'key-or-end';
  }

  #closeContainer(kind: 'object' | 'array'): void {
    const mayEnd =
      this.#expect === 'comma-or-end' || this.#expect === `${kind === 'array' ? 'value' : 'key'}-or-end`;
    if (!mayEnd || this.#open.pop() !== kind) throw new JsonError('The body is not JSON.');
    if (kind === 'array') this.#path.pop();
    this.#endValue();
  }

  #endValue(): void {
    if (this.#open.at(-1) === 'object') this.#path.pop();
    this.#expect = this.#open.length === 0 ? 'nothing' : 'comma-or-end';
  }
}

/** Letters, digits and signs: what numbers and literals are made of. */
const isBare = (byte: number) =>
  (byte >= 0x30 && byte <= 0x39) ||
  (byte >= 0x61 && byte <= 0x7a) ||
  byte === 0x2d ||
  byte === 0x2b ||
  byte === 0x2e ||
  byte === 0x45;

const isHex = (byte: number) =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);

const ESCAPES = new Set(Buffer.from('"\\/bfnrtu'));

/** A string longer than what is kept is shown cut: it is longer than every name that anybody looks for. */
function decode(raw: string): string {
  if (/^[ -[\]-~]*$/.test(raw)) return raw;
  const text = Buffer.from(raw, 'latin1').toString('utf8');
  return text.replace(
    /\\(?:u([0-9a-fA-F]{4})|(.))/g,
    (_, hex: string | undefined, plain: string | undefined) =>
      hex === undefined ? (PLAIN[plain ?? ''] ?? plain ?? '') : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

const PLAIN: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
