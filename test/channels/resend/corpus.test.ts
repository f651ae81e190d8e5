import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Forwarded, InboundEvent } from '../../../src/channels/adapter.js';
import { rowOf, wordsIn } from '../../../src/channels/resend/cut.js';
import { readMail } from '../../../src/channels/resend/markup.js';
import { showMail } from '../../../src/channels/resend/text.js';
import { createRecordingHost, type RecordingHost, requestOf, textPart } from '../contract/stage.js';
import { openResend, type ResendStage } from '../resend.js';
import { type CorpusMail, LANGUAGES, MAILS } from './corpus/mails.js';

const row = (text: string) => rowOf(text);

function expectShown(
  { name, arrives, cut = [] }: CorpusMail,
  text: string,
  full: string | null,
  forwarded: Forwarded | null | undefined,
): void {
  const all = `${text}\n${forwarded?.text ?? ''}`;
  for (const words of arrives) expect(row(all)).toContain(row(words));
  if (/a forward\b/.test(name)) {
    // What is passed on is nobody's own word, and what its sender says is not passed on.
    const [own = '', ...others] = arrives;
    expect(row(text)).toContain(row(own));
    expect(row(forwarded?.text ?? '')).not.toContain(row(own));
    for (const words of others) expect(row(text)).not.toContain(row(words));
    expect(forwarded?.from).toMatch(/Bob|Carl|Andy/);
  } else expect(forwarded).toBeFalsy();
  for (const words of cut) {
    expect(row(text)).not.toContain(row(words));
    expect(row(full ?? '')).toContain(row(words));
  }
  if (cut.length === 0) expect(full).toBeNull();
}

test('the corpus is large enough', () => {
  expect(MAILS.length).toBeGreaterThanOrEqual(40);
  expect(new Set(MAILS.map(({ name }) => name)).size).toBe(MAILS.length);
});

test.each(MAILS)('$name', (mail) => {
  const { text = '', html = '', subject, answers } = mail;
  const shown = showMail(readMail({ text, html }), subject, answers ? [[rowOf(answers)]] : []);
  expectShown(mail, shown.text, shown.full, shown.forwarded);
  // Where nothing is known, no quote is cut.
  const alone = showMail(readMail({ text, html }), subject, []);
  for (const words of [...mail.arrives, ...(answers && mail.cut ? [answers] : [])])
    expect(row(`${alone.text}\n${alone.forwarded?.text ?? ''}`)).toContain(row(words));
});

async function bytesOf(event: InboundEvent, name: string): Promise<string | null> {
  const file = event.attachments.find((one) => one.name === name);
  if (!file) return null;
  const chunks: Buffer[] = [];
  for await (const chunk of await file.open()) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

describe('through the adapter', () => {
  let stage: ResendStage;
  let host: RecordingHost;
  beforeEach(async () => {
    stage = await openResend();
    host = createRecordingHost();
    await stage.adapter.start(host);
  });
  afterEach(async () => {
    await stage.adapter.stop();
    await stage.close();
  });

  /** The person wrote, the agent answered with `words`; what the person's next mail says in its head. */
  async function answered(words: string): Promise<Record<string, string>> {
    const root = stage.fake.receive({ subject: 'Table', text: 'Find a table, please.' });
    const { threadId } = await host.heard('Find a table');
    await stage.adapter.deliver(requestOf({ ...stage.direct, threadId }, textPart(words, root)));
    const id = stage.fake.messageIdOf(stage.fake.sent.at(-1)?.id ?? '');
    return { 'in-reply-to': id, references: `${stage.fake.messageIdOf(root)} ${id}` };
  }
  const nextOf = async (id: string) => host.until(() => host.events.find((one) => one.messageId === id));

  test.each(MAILS.filter(({ name }) => /^(?:en|de):/.test(name)))('$name', async (mail) => {
    const headers = mail.answers ? await answered(mail.answers) : {};
    const { subject, text, html } = mail;
    const event = await nextOf(
      stage.fake.receive({ subject, headers, ...(text ? { text } : {}), ...(html ? { html } : {}) }),
    );
    expectShown(mail, event.text, await bytesOf(event, 'full.txt'), event.forwarded);
    if (mail.cut) expect(event.problems?.join(' ')).toContain('full.txt');
  });

  test('a quote of the own mail that came in before is known too', async () => {
    const words = 'Find a table for four, please.';
    const root = stage.fake.receive({ subject: 'Table', text: words });
    await host.heard('Find a table');
    const headers = { 'in-reply-to': stage.fake.messageIdOf(root), references: stage.fake.messageIdOf(root) };
    const text = `PS: outside.\n\nOn 1/5/26 09:00, Ada wrote:\n> ${words}`;
    const event = await nextOf(stage.fake.receive({ subject: 'Re: Table', text, headers }));
    expect(event.text).toBe('PS: outside.');
  });

  test('a quote is left where the mail was sent to somebody else, in another thread, or Resend does not tell', async () => {
    const words = 'Shall I, or shall I rather not?';
    const headers = await answered(words);
    const text = `Yes.\n\nOn 1/5/26 09:00, Andy wrote:\n> ${words}`;
    const ben = await nextOf(
      stage.fake.receive({ from: 'ben@example.org', subject: 'Re: Table', text, headers }),
    );
    expect(ben.text).toContain(words);
    const other = { ...headers, references: `<another@example.org> ${headers['in-reply-to']}` };
    expect((await nextOf(stage.fake.receive({ subject: 'Re: x', text, headers: other }))).text).toContain(
      words,
    );
    const unknown = { ...headers, 'in-reply-to': '<of-bob@example.org>' };
    expect(
      (await nextOf(stage.fake.receive({ subject: 'Re: Table', text, headers: unknown }))).text,
    ).toContain(words);
    stage.fake.http.faults.next(/^GET \/emails\/sent/, { kind: 'answer', status: 500, body: {} });
    expect((await nextOf(stage.fake.receive({ subject: 'Re: Table', text, headers }))).text).toContain(words);
    expect((await nextOf(stage.fake.receive({ subject: 'Re: Table', text, headers }))).text).toBe('Yes.');
  });

  test('an invitation comes as words and as a file', async () => {
    const ics = [
      'BEGIN:VCALENDAR',
      'METHOD:REQUEST',
      'BEGIN:VEVENT',
      'SUMMARY:Board meeting\\, with a very lo',
      ' ng title',
      'DTSTART;TZID=Europe/Berlin:20260105T100000',
      'DTEND:20260105T100000Z',
      'LOCATION:Room 5\\nfirst floor',
      'ORGANIZER;CN="Baker: Bob":mailto:bob@example.org',
      'BEGIN:VALARM',
      'SUMMARY:not this',
      'END:VALARM',
      'END:VEVENT',
      'END:VCALENDAR',
    ].join('\r\n');
    const file = { name: '', type: 'text/calendar; method=REQUEST', data: Buffer.from(ics) };
    const event = await nextOf(stage.fake.receive({ text: 'You are invited.', files: [file, file] }));
    expect(event.text).toBe(
      'You are invited.\n\nInvitation:\nWhat: Board meeting, with a very long title\nStart: 2026-01-05 10:00 Europe/Berlin\nEnd: 2026-01-05 10:00 UTC\nWhere: Room 5 first floor\nOrganizer: Baker: Bob <bob@example.org>',
    );
    expect(await bytesOf(event, 'invitation.ics')).toBe(ics);
    const large = { name: 'a.ics', data: Buffer.from(`${ics}\r\n${'x'.repeat(300_000)}`) };
    const { text, problems } = await nextOf(stage.fake.receive({ text: 'Too large.', files: [large] }));
    expect(text).toBe('Too large.');
    expect(problems).toEqual(['An invitation could not be read; it is among the files.']);
  });
});

describe('no word vanishes', () => {
  const strange = fc.constantFrom(
    ...LANGUAGES.flatMap(({ gmail, apple, phone, begin, rule, original, head }) => [
      ...[gmail, apple, phone, begin, rule, original],
      ...head.map((label) => `${label}: Bob <bob@example.org>`),
    ]),
    ...['-- ', '--', '', '', '________________________________', 'SELECT 1;', '> ', '>> deep'],
  );
  const line = fc.oneof(
    strange,
    fc.nat(9999).map((n) => `word${n}`),
    fc.nat(9999).map((n) => `> quoted${n} known`),
    fc.string({ maxLength: 40 }),
  );
  const written = fc.array(line, { maxLength: 40 }).map((lines) => lines.join('\n'));

  test('each stands in the text or in the file that the message names', () => {
    fc.assert(
      fc.property(written, written, fc.boolean(), (text, known, hasHtml) => {
        const html = hasHtml ? `<div>${wordsIn(known).join('<br>')}</div>` : '';
        const both = `${text}\n${known}`;
        for (const body of [text, both]) {
          const shown = showMail(readMail({ text: body, html }), 'Re: x', [[rowOf(known)], [rowOf(text)]]);
          const told = new Set(wordsIn(`${shown.text}\n${shown.forwarded?.text ?? ''}\n${shown.full ?? ''}`));
          for (const word of [...wordsIn(body), ...wordsIn(html.replace(/<[^>]*>/g, ' '))])
            expect(told).toContain(word);
          if (shown.full !== null) expect(shown.problems.join(' ')).toContain('full.txt');
        }
      }),
      { numRuns: 500 },
    );
  });
});
