import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrameReader, frameContents } from '../../../../src/engine/docker/frames.js';

const frame = (kind: number, content: Buffer) => {
  const header = Buffer.alloc(8);
  header[0] = kind;
  header.writeUInt32BE(content.length, 4);
  return Buffer.concat([header, content]);
};
const frames = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.uint8Array({ maxLength: 40 })));

describe('frames of an attached stream', () => {
  it('count standard output alike, however the stream is cut', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (sent, sizes) => {
        const stream = Buffer.concat(sent.map(([kind, bytes]) => frame(kind, Buffer.from(bytes))));
        const reader = createFrameReader();
        let heard = 0;
        for (let at = 0, turn = 0; at < stream.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          heard += reader.push(stream.subarray(at, at + size));
          at += size;
        }
        const expected = sent.filter(([kind]) => kind === 1).reduce((sum, [, { length }]) => sum + length, 0);
        expect(heard).toBe(expected);
      }),
    );
  });

  it('may be as many as fit into one chunk', () => {
    const many = Buffer.concat(Array.from({ length: 100_000 }, () => frame(1, Buffer.from('\n'))));
    expect(createFrameReader().push(many)).toBe(100_000);
  });

  it('give their contents, also of a stream that was cut off', () => {
    fc.assert(
      fc.property(frames, (sent) => {
        const contents = sent.map(([, bytes]) => Buffer.from(bytes));
        const stream = Buffer.concat(
          sent.map(([kind], index) => frame(kind, contents[index] ?? Buffer.alloc(0))),
        );
        expect(frameContents(stream)).toEqual(Buffer.concat(contents));
      }),
    );
    const whole = frame(2, Buffer.from('the end'));
    expect(frameContents(whole.subarray(0, 11)).toString()).toBe('the');
    expect(frameContents(whole.subarray(0, 5)).toString()).toBe('');
  });
});
