import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkMessage, parseRead } from '../../../src/outbound-reader/parse-reply.js';
import { parseAck, parseRow } from '../../../src/outbound-reader/parse-rows.js';

const value = fc.oneof(fc.string(), fc.integer(), fc.double(), fc.constant(null));

test('any row comes out as a row: accepted, or with a problem and no content', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.array(value, { maxLength: 13 }), (seq, raw) => {
      const row = parseRow([seq, ...raw]);
      expect(row.content === null).toBe(row.problem !== null);
      expect(row.id).toMatch(/^\S{1,100}$/);
      expect(['chat', 'system']).toContain(row.kind);
      for (const number of [row.seq, row.incarnation, row.createdAt]) expect(typeof number).toBe('number');
    }),
  );
});

test('any JSON in a row is taken or refused, never thrown', () => {
  fc.assert(
    fc.property(fc.constantFrom('chat', 'system'), fc.json({ maxDepth: 80 }), (kind, content) => {
      const row = parseRow([1, 'out_1', 1, 't', null, kind, null, 'cli', 'cli:local', '', content, 1]);
      expect(row.content === null).toBe(row.problem !== null);
    }),
  );
});

test('brackets in strings are no depth', () => {
  const text = '[{"\\'.repeat(200);
  const row = parseRow([1, 'out_1', 1, 't', null, 'chat', null, 'c', 'p', '', JSON.stringify({ text }), 1]);
  expect(row).toMatchObject({ content: { text }, problem: null });
});

test('a text of quotes and backslashes is refused at once', () => {
  const content = `"${'\\"'.repeat(490_000)}`;
  const row = parseRow([1, 'out_1', 1, 't', null, 'chat', null, 'c', 'p', '', content, 1]);
  expect(row.problem).toBe('content is not JSON');
});

test('system rows keep what their action will check', () => {
  const content = JSON.stringify({ action: 'schedule', prompt: 'water the plants' });
  expect(parseRow([7, 'out_7', 1, 't', null, 'system', null, '', '', '', content, 1])).toMatchObject({
    content: { action: 'schedule', prompt: 'water the plants' },
  });
});

test('an ack has one of three states', () => {
  expect(parseAck([4, 'in_1', 'done', 2])).toEqual({
    n: 4,
    messageId: 'in_1',
    status: 'done',
    incarnation: 2,
  });
  for (const bad of [
    [4, 'in_1', 'paid', 2],
    [0, 'in_1', 'done', 2],
    [4, '', 'done', 2],
    [4, null, 'done', 2],
    [],
  ]) {
    expect(parseAck(bad)).toBeNull();
  }
});

test('what the reader process says is checked before it counts', () => {
  for (const nonsense of [
    null,
    'ready',
    { event: 'ready' },
    { event: 'read', id: 1, read: { kind: 'rows' } },
  ]) {
    expect(checkMessage(nonsense)).toBeNull();
  }
  const rows = Array.from({ length: 101 }, () => [1]);
  expect(
    checkMessage({ event: 'read', id: 1, read: { kind: 'rows', rows, acks: [], more: false } }),
  ).toBeNull();
  const start = { afterSeq: 0, afterAck: 0 };
  expect(parseRead({ kind: 'recover' }, start)).toEqual({ kind: 'recover' });
  const parsed = (seqs: (number | string)[], afterSeq: number) =>
    parseRead({ kind: 'rows', rows: seqs.map((seq) => [seq]), acks: [], more: true }, { ...start, afterSeq })
      .kind;
  expect(parsed([5, 7], 3)).toBe('rows');
  for (const seqs of [[3], [5, 5], [7, 5], [5.5], ['5'], [2 ** 60]]) expect(parsed(seqs, 3)).toBe('bad');
});
