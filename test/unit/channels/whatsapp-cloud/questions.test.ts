import { expect, test } from 'vitest';
import { questionCard } from '../../../../src/channels/chat-sdk/cards.js';
import { interactiveOf } from '../../../../src/channels/whatsapp-cloud/questions.js';

const asked = (labels: string[], question = 'Which one?') =>
  interactiveOf(
    questionCard({
      type: 'question',
      questionId: 'q_1',
      title: 'Dinner',
      question,
      options: labels.map((label) => ({ label, value: label })),
    }),
  );

test('three short answers are buttons', () => {
  expect(asked(['A', 'B', 'C'], '**Now** or later?')).toMatchObject({
    type: 'button',
    body: { text: '*Dinner*\n\n*Now* or later?' },
    action: { buttons: [{ reply: { id: 'chat:{"a":"q_1","v":"0"}', title: 'A' } }, {}, {}] },
  });
});

test.each([
  ['four', ['A', 'B', 'C', 'D']],
  ['one that is long', ['A', 'b'.repeat(40)]],
])('%s: a list', (_, labels) => {
  expect(asked(labels)).toMatchObject({ type: 'list' });
});

test.each([
  ['eleven answers', Array.from({ length: 11 }, (_, at) => String(at))],
  ['answers whose beginnings are the same', [`${'a'.repeat(30)}1`, `${'a'.repeat(30)}2`]],
  ['the same answer twice', ['A', 'A']],
  ['an answer that no row holds', ['a'.repeat(80), 'b']],
])('%s: text', (_, labels) => {
  expect(asked(labels)).toBeNull();
});

test('a question that is too long for a message with buttons is text', () => {
  expect(asked(['A'], 'x'.repeat(1100))).toBeNull();
});
