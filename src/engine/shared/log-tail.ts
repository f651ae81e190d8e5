import { StringDecoder } from 'node:string_decoder';

const LINES = 50;
const LINE_LENGTH = 2000;

/** Terminal escapes and other control characters have no business in our log. */
const CONTROL = /\p{Cc}/gu;

/** Keeps the last 50 lines of a stream, each cut at 2000 characters, however much goes through it. */
export interface LogTail {
  push(chunk: Buffer): void;
  lines(): string[];
}

export function createLogTail(): LogTail {
  const decoder = new StringDecoder('utf8');
  let complete: string[] = [];
  let open = '';
  const clean = (line: string) => line.slice(0, LINE_LENGTH).replace(CONTROL, ' ').trimEnd();
  return {
    push(chunk) {
      const parts = (open + decoder.write(chunk)).split('\n');
      open = (parts.pop() ?? '').slice(0, LINE_LENGTH);
      complete = [...complete, ...parts.slice(-LINES).map(clean)].slice(-LINES);
    },
    lines() {
      return (open === '' ? complete : [...complete, clean(open)]).slice(-LINES);
    },
  };
}
