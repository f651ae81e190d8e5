import { expect, test } from 'vitest';
import { Turns } from '../../../src/parser/turns.js';

/** Adds work that ends when it is told to, and notes whose is begun. */
function recorded() {
  const turns = new Turns();
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const add = (sender: string, rank: number, label = sender) =>
    turns.add({
      sender,
      rank,
      run() {
        begun.push(label);
        return new Promise((resolve) => ends.push(resolve));
      },
    });
  const endAll = async () => {
    for (let at = 0; at < ends.length; at += 1) {
      ends[at]?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { turns, begun, add, endAll };
}

test('one at a time, and of one sender the first first', async () => {
  const { begun, add, endAll } = recorded();
  add('ada', 0, 'ada 1');
  add('ada', 0, 'ada 2');
  expect(begun).toEqual(['ada 1']);
  await endAll();
  expect(begun).toEqual(['ada 1', 'ada 2']);
});

test('the owner goes before guests, and a guest with much before nobody', async () => {
  const { turns, begun, add, endAll } = recorded();
  for (const n of [1, 2, 3]) add('mallory', 3, `mallory ${n}`);
  add('bob', 3);
  add('ada', 0);
  expect(turns.waiting).toBe(4);
  await endAll();
  expect(begun).toEqual(['mallory 1', 'ada', 'mallory 2', 'bob', 'mallory 3']);
  expect(turns.waiting).toBe(0);
});
