import type { FakeResend } from '../../fakes/resend.js';
import type { Words } from '../contract/words.js';

/** What people do, as their mail programs write it. */
export const resendWords = (fake: FakeResend, from: string): Words => ({
  forwards: (text, origin) =>
    void fake.receive({
      from,
      subject: 'Fwd: Money',
      text: `Sent from my iPhone\n\nBegin forwarded message:\n\n> From: ${origin} <m@example.org>\n> Subject: Money\n>\n> ${text}\n`,
    }),
  album: (caption) =>
    void fake.receive({
      from,
      text: caption,
      files: [
        { name: 'one.png', data: Buffer.from('1') },
        { name: 'two.png', data: Buffer.from('2') },
      ],
    }),
  wordsInBlocks: (text) => void fake.receive({ from, html: `<table><tr><td>${text}</td></tr></table>` }),
});
