import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Admitted } from '../../../src/channels/adapter.js';
import { createMemoryLog } from '../../fakes/log.js';
import { createRecordingHost, type RecordingHost } from '../contract/stage.js';
import { openResend, type ResendStage } from '../resend.js';

let stage: ResendStage;
let host: RecordingHost;
let asked: { platformId: string; senderId: string }[];
beforeEach(async () => {
  stage = await openResend();
  host = createRecordingHost();
  asked = [];
});
afterEach(async () => {
  await stage.adapter.stop();
  await stage.close();
});

const admit = (answer: (senderId: string) => Admitted) => {
  host.admits = (one) => {
    asked.push(one);
    return answer(one.senderId);
  };
};
const fetched = () => stage.fake.http.requests.filter((name) => name.startsWith('GET /emails/receiving/'));
const VERDICT = 'amazonses.com; dkim=none; dmarc=fail header.from=example.org; envelope-from="x"@evil.net;';
const PASS = 'amazonses.com; dmarc=pass header.from=example.org';
const FROZEN = '<table><tr><td colspan="1000000">x</td></tr></table>';

describe('before a mail is fetched', () => {
  test('who is refused is known by the call alone', async () => {
    admit((id) => (id === 'resend:eve@evil.net' ? 'none' : 'all'));
    await stage.adapter.start(host);
    stage.fake.receive({ from: 'Eve <Eve@evil.net>', html: FROZEN });
    await stage.fake.hook.idle();
    expect(fetched()).toEqual([]);
    const id = stage.say(stage.direct, 'it is me');
    await host.heard('it is me');
    expect(fetched()).toEqual([`GET /emails/receiving/${id}`]);
    expect(asked).toEqual(
      ['resend:eve@evil.net', 'resend:ada@example.org'].map((one) => ({ platformId: one, senderId: one })),
    );
  });

  test('what is for somebody else at the domain, or our own, is not asked about', async () => {
    admit(() => 'all');
    await stage.adapter.start(host);
    const { name } = stage.fake.domain;
    stage.fake.receive({ to: [`boss@${name}`], text: 'to the boss' });
    stage.fake.receive({ from: `agent@${name}`, text: 'own' });
    stage.fake.receive({ from: 'nobody', text: 'from nobody' });
    await stage.fake.hook.idle();
    expect([fetched(), asked, host.events]).toEqual([[], [], []]);
  });

  test('what is to come later is called again until it is taken in', async () => {
    const answers: Admitted[] = ['later', 'later'];
    admit(() => answers.shift() ?? 'all');
    await stage.adapter.start(host);
    stage.say(stage.direct, 'one of many');
    await host.heard('one of many');
    await stage.fake.hook.idle();
    expect(stage.fake.hook.answers).toEqual([429, 429, 200]);
    expect(fetched()).toHaveLength(1);
  });

  test('a call that does not say who wrote is not understood', async () => {
    await stage.adapter.start(host);
    const body = JSON.stringify({ type: 'email.received', data: { email_id: 'mail-1' } });
    const posting = { method: 'POST', ...stage.fake.posting(body) };
    expect((await fetch(stage.fake.webhookUrl ?? '', posting)).status).toBe(400);
    expect(fetched()).toEqual([]);
  });

  test('a mail that is not of the one whom the call names is refused', async () => {
    admit((id) => (id === 'resend:eve@example.org' ? 'all' : 'none'));
    await stage.adapter.start(host);
    const id = stage.fake.receive({ from: 'boss@example.org', text: 'I am the boss' });
    const data = { email_id: id, from: 'eve@example.org', to: [`agent@${stage.fake.domain.name}`] };
    const posting = stage.fake.posting(JSON.stringify({ type: 'email.received', data }));
    expect((await fetch(stage.fake.webhookUrl ?? '', { method: 'POST', ...posting })).status).toBe(200);
    expect([fetched(), host.events]).toEqual([[`GET /emails/receiving/${id}`], []]);
  });
});

test('three mails are held in memory at a time; who is not heard holds up nobody', async () => {
  admit((id) => (id === 'resend:eve@evil.net' ? 'brief' : 'all'));
  await stage.adapter.start(host);
  const names = ['ada', 'ben', 'cleo', 'dan'];
  const fourAsked = stage.fake.http.until(() => fetched().length >= 3 && asked.length === 4);
  stage.fake.http.faults.next(/^GET \/emails\/receiving\/mail/, { kind: 'hang' }, 3);
  for (const name of names) stage.fake.receive({ from: `${name}@example.org`, text: 'one of four' });
  await fourAsked;
  stage.fake.receive({ from: 'eve@evil.net', text: 'brief' });
  await host.heard('brief');
  expect(fetched()).toHaveLength(4);
  expect(host.events).toHaveLength(1);
});

describe('of somebody who is not heard', () => {
  test('the first plain words are read, and no layout', async () => {
    admit(() => 'brief');
    await stage.adapter.start(host);
    stage.fake.receive({ text: `ABCD2345${' '.repeat(30_000)}behind`, html: FROZEN });
    stage.fake.receive({ html: `<p>Hello</p><ul><li>there</ul>${FROZEN}` });
    const { text } = await host.heard('Hello');
    expect(text).toBe('Hello\n\nthere\n\nx');
    expect(host.events[0]?.text).toBe('ABCD2345');
    expect(host.events.map((event) => event.problems)).toEqual([[], []]);
  });

  test('a mail of many words is not read at all', async () => {
    admit((id) => (id === 'resend:ada@example.org' ? 'all' : 'brief'));
    await stage.adapter.start(host);
    const text = `long ${'x'.repeat(5 * 1024 ** 2)}`;
    stage.fake.receive({ from: 'eve@evil.net', text });
    stage.fake.receive({ text });
    await host.heard('long');
    await stage.fake.hook.idle();
    expect(host.events.map((event) => event.sender.id)).toEqual(['resend:ada@example.org']);
    expect(stage.fake.hook.answers).toEqual([200, 200]);
  });
});

describe('a mail that comes again under another id', () => {
  const once = { messageId: '<once@example.org>' };

  test('is one message, after a restart too', async () => {
    const { log, lines } = createMemoryLog();
    await stage.adapter.start(host);
    stage.fake.receive({ text: 'pay 100', ...once });
    stage.fake.receive({ text: 'pay 100', messageId: ' <once@example.org>\r\n' });
    await stage.fake.hook.idle();
    await stage.adapter.stop();
    const again = stage.logging(log);
    await again.start(host);
    stage.fake.receive({ text: 'pay 100', ...once });
    stage.say(stage.direct, 'last');
    await host.heard('last');
    expect(host.events.map((event) => event.text)).toEqual(['pay 100', 'last']);
    expect(lines.map((line) => line.msg)).toContain('a mail was known already, under another id');
    await again.stop();
  });

  test('has the id of the first where that was not taken in', async () => {
    await stage.adapter.start(host);
    host.refuse(1);
    const posting = stage.fake.incoming({ text: 'pay 100', ...once });
    expect((await fetch(stage.fake.webhookUrl ?? '', { method: 'POST', ...posting })).status).toBe(500);
    const id: unknown = JSON.parse(posting.body).data.email_id;
    const file = { name: 'a.txt', data: Buffer.from('a') };
    stage.fake.receive({ text: 'pay 100', ...once, files: [file] });
    const { messageId, attachments } = await host.heard('pay 100');
    expect(messageId).toBe(id);
    const chunks: unknown[] = [];
    for await (const chunk of (await attachments[0]?.open()) ?? []) chunks.push(chunk);
    expect(String(chunks[0])).toBe('a');
  });

  test('is known only of the one who wrote it: nobody can take the id of a mail that is to come', async () => {
    await stage.adapter.start(host);
    stage.fake.receive({ text: 'forged', headers: { 'authentication-results': [VERDICT, PASS] }, ...once });
    stage.fake.receive({ from: 'eve@evil.net', text: 'mine', ...once });
    stage.fake.receive({ text: 'genuine', ...once });
    await host.until(() => host.events.length === 2);
    await stage.fake.hook.idle();
    expect(host.events.map((event) => event.text).sort()).toEqual(['genuine', 'mine']);
  });
});

test('a mail with two of a header that it has once is refused, though its receiver vouches for it', async () => {
  await stage.adapter.start(host);
  const verdict = { 'authentication-results': PASS };
  for (const name of ['From', 'Subject', 'Message-ID']) {
    stage.fake.receive({ text: `two of ${name}`, headers: { ...verdict, [name]: ['signed', 'added'] } });
  }
  stage.fake.receive({ text: 'one of each', headers: verdict });
  await host.heard('one of each');
  await stage.fake.hook.idle();
  expect(host.events.map((event) => event.text)).toEqual(['one of each']);
});

test('a mail that cannot be laid out comes as its words, with a problem', async () => {
  await stage.adapter.start(host);
  stage.fake.receive({ html: `<ol type="i" start="10000"><li>first</ol>` });
  const { problems } = await host.heard('first');
  expect(problems).toEqual([expect.stringContaining('bare words')]);
});
