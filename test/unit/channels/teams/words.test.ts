import { expect, test } from 'vitest';
import { activitySchema } from '../../../../src/channels/teams/packets.js';
import { wordsOf } from '../../../../src/channels/teams/words.js';

const said = (fields: object) =>
  wordsOf(
    activitySchema.parse({
      ...{ type: 'message', id: '1', channelId: 'msteams', serviceUrl: 'https://x', from: { id: '29:a' } },
      ...{ conversation: { id: 'a:1' }, text: '', ...fields },
    }),
  );
const html = (content: string) => ({ attachments: [{ contentType: 'text/html', content }] });
const card = (content: unknown, kind = 'adaptive') => ({
  attachments: [{ contentType: `application/vnd.microsoft.card.${kind}`, content }],
});
const block = (kind: string, from: string, words: string) =>
  `<blockquote itemtype="http://schema.skype.com/${kind}" itemid="1767225600000"><strong itemprop="mri" itemid="28:bot">${from}</strong><p itemprop="preview">${words}</p></blockquote>`;

// learn.microsoft.com/adaptive-cards, …/microsoftteams/platform/task-modules-and-cards/cards/cards-reference
const adaptive = {
  type: 'AdaptiveCard',
  body: [
    { type: 'TextBlock', text: 'Lunch?' },
    { type: 'ColumnSet', columns: [{ type: 'Column', items: [{ type: 'TextBlock', text: 'Today' }] }] },
    { type: 'FactSet', facts: [{ title: 'Where', value: 'Café' }] },
    { type: 'RichTextBlock', inlines: ['plain ', { type: 'TextRun', text: 'rich' }] },
    {
      type: 'Input.ChoiceSet',
      label: 'Your choice',
      value: 'secret',
      choices: [{ title: 'Pizza', value: 'p' }],
    },
  ],
  actions: [{ type: 'Action.Submit', title: 'Send', data: { hidden: true } }],
};

test.each([
  ['an adaptive card', card(adaptive), 'Lunch?\nToday\nWhere: Café\nplain\nrich\nYour choice\nPizza\nSend'],
  ['a thumbnail', card({ title: 'T', subtitle: 'S', text: 'W' }, 'thumbnail'), 'T\nS\nW'],
  [
    'a card of a connector',
    card({ sections: [{ facts: [{ title: 'A', value: 'B' }] }] }, 'o365connector'),
    'A: B',
  ],
  ['a form', { value: { day: 'Monday', who: ['a', 'b'], msteams: {} } }, 'day: Monday\nwho: ["a","b"]'],
  ['a form whose words are said', { text: 'Done', value: { day: 'Monday' } }, 'Done'],
  ['an emoji', html('<p><emoji id="yes" alt="👍"></emoji></p>'), '👍'],
  [
    'an animation',
    html('<img alt="A cat" itemtype="http://schema.skype.com/Giphy" src="https://media.giphy.com/x">'),
    '[gif: A cat]',
  ],
  [
    'formatted words alone',
    html('<p><strong>a</strong> <a href="https://x.y/?a&amp;b">b</a></p>'),
    '**a** [b](https://x.y/?a&b)',
  ],
  ['words that are said plainly too', { text: 'plain', ...html('<p><b>plain</b></p>') }, 'plain'],
])('%s has its words', (_, fields, text) => {
  expect(said(fields).text).toBe(text);
});

test('a quotation in the HTML is of who wrote it, and the rest of who sends it', () => {
  expect(
    said({ text: 'Bob a &lt; b\nown', ...html(`${block('Reply', 'Bob', 'a &lt; b...')}<p>own</p>`) }),
  ).toMatchObject({
    text: 'own',
    answered: '28:bot',
    quoted: { text: 'a < b...', from: 'Bob', messageId: '1767225600000', partial: false },
    problems: ['Of the message that it answers Teams tells the beginning only.'],
  });
});

test('several forwarded messages come together, each with its writer', () => {
  const { text, forwarded } = said(
    html(`${block('Forward', 'Bob', 'one')}${block('Forward', 'Eve', 'two')}`),
  );
  expect(text).toBe('');
  expect(forwarded).toEqual({ text: 'Bob: one\n\nEve: two', from: 'Bob, Eve', at: 1_767_225_600_000 });
});

test('an ordinary quotation of the person’s own stays where it is', () => {
  expect(said(html('<blockquote>wise words</blockquote><p>so true</p>'))).toMatchObject({
    text: 'wise words\nso true',
  });
});

// learn.microsoft.com/dotnet/api/microsoft.teams.apps.schema.entities.quotedreplydata
test('the entity of a quoted reply tells the words', () => {
  const quotedReply = { messageId: '7', senderId: '29:b', senderName: 'Bob', preview: 'earlier &amp; later' };
  expect(
    said({ text: '<quoted messageId="7"/> hm', entities: [{ type: 'quotedReply', quotedReply }] }),
  ).toMatchObject({
    text: 'hm',
    quoted: { text: 'earlier & later', from: 'Bob', messageId: '7', partial: false },
  });
});

// learn.microsoft.com/graph/api/resources/chatmessageattachment
test.each([
  [
    'messageReference',
    JSON.stringify({
      messageId: '7',
      messagePreview: 'earlier',
      messageSender: { user: { displayName: 'Bob' } },
    }),
    { quoted: { text: 'earlier', from: 'Bob', messageId: '7' } },
  ],
  [
    'forwardedMessageReference',
    {
      originalMessageContent: '<p>the <b>original</b></p>',
      originalMessageSender: { user: { displayName: 'Bob' } },
      originalSentDateTime: '2026-01-01T00:00:00Z',
    },
    { forwarded: { text: 'the **original**', from: 'Bob', at: 1_767_225_600_000 } },
  ],
])('%s as an attachment is understood', (contentType, content, expected) => {
  expect(said({ text: 'look', attachments: [{ contentType, content }] })).toMatchObject({
    text: 'look',
    ...expected,
  });
});

test('what has no words is named', () => {
  expect(said(card({}, 'audio'))).toMatchObject({ text: '', placeholder: '[a card without words: audio]' });
  expect(said({ value: {} })).toMatchObject({ text: '', placeholder: '[a form without answers]' });
});

let deep: unknown = { text: 'x' };
for (let at = 0; at < 5000; at += 1) deep = { items: [deep] };
test.each([
  ['blocks that never end', html('<blockquote itemtype="http://schema.skype.com/Reply">'.repeat(4000))],
  ['ends without a beginning', html('</blockquote></a>'.repeat(10_000))],
  ['brackets', html('<'.repeat(200_000))],
  ['ampersands', { text: '&'.repeat(200_000) }],
  ['quotes', html(`<p a="${'"'.repeat(100_000)}`)],
  ['a deep card', card(deep)],
  ['a wide card', card({ body: Array.from({ length: 100_000 }, () => ({ text: 'x' })) })],
  ['attachments of no kind', { attachments: [null, 5, 'x', { contentType: 7 }] }],
  [
    'entities of no kind',
    { entities: [null, { type: 'quotedReply' }, { type: 'quotedReply', quotedReply: 5 }] },
  ],
])(
  '%s cost little and throw nothing',
  (_, fields) => {
    expect(typeof said(fields).text).toBe('string');
  },
  2000,
);
