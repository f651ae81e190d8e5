import { describe, expect, it } from 'vitest';
import { createLogTail } from '../../../../src/engine/shared/log-tail.js';

const linesOf = (...chunks: (string | Buffer)[]) => {
  const tail = createLogTail();
  for (const chunk of chunks) tail.push(Buffer.from(chunk));
  return tail.lines();
};

describe('log tail', () => {
  it('joins lines and characters that were cut between chunks', () => {
    const euro = Buffer.from('€');
    expect(linesOf('on', 'e\ntwo ', euro.subarray(0, 1), euro.subarray(1), '\nopen')).toEqual([
      'one',
      'two €',
      'open',
    ]);
  });

  it('keeps the last 50 lines', () => {
    const many = Array.from({ length: 1000 }, (_, n) => `${n}\n`).join('');
    expect(linesOf(many)).toEqual(Array.from({ length: 50 }, (_, n) => String(950 + n)));
  });

  it('is bounded for a stream without line ends', () => {
    const chunk = 'x'.repeat(100_000);
    const [line = '', ...others] = linesOf(chunk, chunk, chunk);
    expect([line.length, others]).toEqual([2000, []]);
  });

  it('takes terminal escapes away', () => {
    expect(linesOf('\u001b[2Jevil\u0007\r\n')).toEqual([' [2Jevil']);
  });
});
