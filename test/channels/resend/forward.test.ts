import { describe, expect, test } from 'vitest';
import { rowOf } from '../../../src/channels/resend/cut.js';
import { splitForward } from '../../../src/channels/resend/forward.js';
import { readMail } from '../../../src/channels/resend/markup.js';
import { showMail } from '../../../src/channels/resend/text.js';

const reply = (text: string, known: string) =>
  showMail(readMail({ text, html: '' }), 'Re: x', [[rowOf(known)]]);

describe('what is forwarded stays, whatever stands above it', () => {
  test.each([
    ['---------- Forwarded message ---------'],
    ['-------- Weitergeleitete Nachricht --------'],
    ['--- Treść przekazanej wiadomości ---'],
    ['----- Mensaje en un idioma nuevo -----'],
    ['Begin forwarded message:'],
    ['> Début du message réexpédié :'],
    ['Początek przekazywanej wiadomości:'],
  ])('%s', (rule) => {
    for (const above of ['See.\n\nSent from my iPhone', 'See.\n\n-- \nAda', 'See.']) {
      const text = `${above}\n\n${rule}\n\n> From: Bob <bob@example.org>\n> Subject: Invoice\n> \n> Pay 120 EUR.\n> -- \n> Bob\n\n-- \nBob`;
      const { forwarded, ...own } = reply(text, 'Pay 120 EUR.');
      expect(own).toEqual({ text: above, problems: [], full: null });
      expect(forwarded).toMatchObject({ from: 'Bob <bob@example.org>', at: null });
      expect(rowOf(`${above}\n${forwarded?.text}`)).toBe(rowOf(text));
    }
  });

  const shown = (text: string, subject = 'Fwd: x') => showMail(readMail({ text, html: '' }), subject, []);

  test('a forward without own words has none, and its head says whose and of when it is', () => {
    const head = '*From:* Bob <bob@example.org>\nDate: Mon, 5 Jan 2026 at 09:00:00 GMT\nSubject: Do it';
    expect(shown(`---------- Forwarded message ---------\n${head}\n\n/new`, 'Do it')).toEqual({
      ...{ text: '', problems: [], full: null },
      forwarded: {
        text: `---------- Forwarded message ---------\n${head}\n\n/new`,
        ...{ from: 'Bob <bob@example.org>', at: Date.UTC(2026, 0, 5, 9) },
      },
    });
  });

  test('in a mail of Outlook the subject tells that the head below is that of a forward', () => {
    const text =
      'See.\n\n________________________________\nVon: Bob\nGesendet: Montag\nBetreff: x\n\nZahlen.';
    expect(shown(text, 'WG: x')).toMatchObject({ text: 'See.', forwarded: { from: 'Bob' } });
    expect(shown(text, 'AW: x').forwarded).toBeUndefined();
  });

  test('a forward in a forward stays inside it', () => {
    const inner = '-------- Forwarded Message --------\nFrom: Bob\n\nPay.';
    const { text, forwarded } = shown(
      `See.\n\n-------- Forwarded Message --------\nFrom: Carl\n\nFYI\n\n${inner}`,
    );
    expect(text).toBe('See.');
    expect(forwarded).toMatchObject({ from: 'Carl', text: expect.stringContaining(inner) });
  });

  test.each([
    ['a heading between dashes', 'The plan\n\n--- Monday ---\nWe begin.\n\n--- From here on ---\nWe go on.'],
    [
      'a forward in a quoted mail',
      'Yes.\n\nOn 1/5/26 09:00, Andy wrote:\n> --- Forwarded message ---\n> From: Bob\n>\n> Pay.',
    ],
    [
      'a heading above a journey',
      '--- Trip ---\nFrom: Berlin\nTo: Munich\nDate: 5 May\n\nPlease book this train.',
    ],
    ['a heading above a date', '-- Agenda --\nDate: Monday\n\nPlease send it to the team.'],
  ])('%s is no forward', (_, text) => {
    expect(shown(text, 'Re: x')).toEqual({ text, problems: [], full: null });
  });

  test.each([
    [
      'Chinese',
      '---------- Forwarded message ---------\n发件人： Bob <bob@x.org>\n主题： bill\n\nPay the bill.',
    ],
    ['Japanese', '---------- Forwarded message ---------\n差出人: Bob <bob@x.org>\n\nPay the bill.'],
  ])('a forward is told whatever language its head is in: %s', (_, text) => {
    expect(splitForward(`See below.\n\n${text}`, 'Fwd: bill')).toMatchObject({
      own: 'See below.',
      forwarded: { text: expect.stringContaining('Pay the bill.') },
    });
  });

  test.each(['--- x ---\n', 'From: a\n', 'From: a\nDate: b\nx\n', '> ', '_'.repeat(20), '---\n'])(
    'mails of %j are looked through in one go',
    (piece) => {
      expect(rowOf(shown(piece.repeat(400_000 / piece.length)).text)).toBeDefined();
    },
    3_000,
  );
});
