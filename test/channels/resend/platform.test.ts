import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resend } from '../../../src/channels/resend.js';
import { createMemoryLog } from '../../fakes/log.js';
import { createRecordingHost, type RecordingHost, requestOf, textPart } from '../contract/stage.js';
import { openResend, type ResendStage } from '../resend.js';

let stage: ResendStage;
let host: RecordingHost;
beforeEach(async () => {
  stage = await openResend();
  host = createRecordingHost();
});
afterEach(async () => {
  await stage.adapter.stop();
  await stage.close();
});

const FORGED = {
  'authentication-results': 'amazonses.com; spf=fail; dkim=none; dmarc=fail header.from=example.org',
};

describe('who is heard', () => {
  test('a call that Resend did not sign is refused', async () => {
    await stage.adapter.start(host);
    const body = JSON.stringify({ type: 'email.received', data: { email_id: 'mail-1' } });
    const response = await fetch(stage.fake.webhookUrl ?? '', { method: 'POST', body });
    expect(response.status).toBe(401);
    expect(stage.fake.http.requests).not.toContain('GET /emails/receiving/mail-1');
  });

  test('nobody whose sender is not vouched for, unless that is accepted', async () => {
    await stage.adapter.start(host);
    stage.fake.receive({ text: 'I am Ada, believe me', headers: FORGED });
    stage.say(stage.direct, 'it is me');
    await host.heard('it is me');
    expect(host.events).toHaveLength(1);
    await stage.adapter.stop();
    const trusting = stage.again({ RESEND_UNVERIFIED_SENDERS: 'accept' });
    await trusting.start(host);
    stage.fake.receive({ text: 'I am Ada, really', headers: FORGED });
    expect((await host.heard('really')).sender.id).toBe('resend:ada@example.org');
    await trusting.stop();
  });

  test('a mail of more words than a host can hold is refused, and not asked for again', async () => {
    await stage.adapter.start(host);
    stage.fake.receive({ text: 'x'.repeat(17 * 1024 ** 2) });
    stage.say(stage.direct, 'short');
    await host.heard('short');
    await stage.fake.hook.idle();
    expect(host.events).toHaveLength(1);
    expect(stage.fake.hook.answers.every((status) => status === 200)).toBe(true);
  });

  test('machines are told from people, and the own mails are not heard', async () => {
    await stage.adapter.start(host);
    stage.fake.receive({ text: 'I am away', headers: { 'auto-submitted': 'auto-replied' } });
    stage.fake.receive({ from: `agent@${stage.fake.domain.name}`, text: 'my own words' });
    stage.say(stage.direct, 'last');
    await host.heard('last');
    expect(host.events.map((event) => [event.text, event.sender.isBot])).toEqual([
      ['I am away', true],
      ['last', false],
    ]);
  });

  test('what is for somebody else at the domain is left alone; a tag behind the name is not somebody else', async () => {
    await stage.adapter.start(host);
    const { name } = stage.fake.domain;
    stage.fake.receive({ to: [`boss@${name}`], text: 'to the boss' });
    stage.fake.receive({ to: [`boss@${name}`, `Andy <Agent+news@${name}>`], text: 'to both' });
    await host.heard('to both');
    expect(host.events).toHaveLength(1);
    expect(host.events[0]).toMatchObject({ sender: { name: 'Ada' }, chatName: 'Ada', ...stageChat() });
  });

  test('what makes no sense disturbs nothing; a mail that did not arrive is no message', async () => {
    await stage.adapter.start(host);
    const { hook, tell, posting } = stage.fake;
    const strangers = JSON.stringify({ type: 'email.received', data: { email_id: '../domains' } });
    for (const body of ['{"type":', strangers]) {
      const answer = await fetch(stage.fake.webhookUrl ?? '', { method: 'POST', ...posting(body) });
      expect(answer.status).toBe(400);
    }
    tell('email.bounced', 'sent-1');
    tell('contact.created', 'x');
    const strange = { kind: 'answer' as const, status: 200, body: { id: 5 } };
    stage.fake.http.faults.next(/^GET \/emails\/receiving\/mail/, strange);
    stage.say(stage.direct, 'told strangely');
    await hook.idle();
    expect(hook.answers).toEqual([200, 200, 200]);
    expect(host.events).toEqual([]);
  });

  const stageChat = () => ({ channelType: 'resend', platformId: stage.direct.platformId });
});

describe('what a mail says', () => {
  test('its subject is told where it begins a thread; a code stands alone', async () => {
    await stage.adapter.start(host);
    stage.fake.receive({ subject: 'My  holidays', text: 'I want to go there.' });
    stage.fake.receive({ subject: 'Call me', text: '' });
    stage.fake.receive({ subject: 'Pairing', text: 'ABCD2345\n' });
    stage.fake.receive({ subject: 'Re: x', text: 'end', headers: { references: '<a@b.org> <c@d.org>' } });
    await host.heard('end');
    expect(host.events.map((event) => event.text)).toEqual([
      'I want to go there.',
      'Call me',
      'ABCD2345',
      'end',
    ]);
    expect(host.events.map(({ subject }) => subject?.title)).toEqual([
      ...['My holidays', 'Call me', 'Pairing', 'Re: x'],
    ]);
    expect(host.events[0]?.subject).toMatchObject({ kind: 'mail', url: null, text: null });
    expect(host.events[3]?.threadId).toBe('a@b.org');
  });

  test('the subject of a thread is told once, and another one again', async () => {
    await stage.adapter.start(host);
    const root = stage.fake.receive({ subject: 'Table', text: 'one' });
    await host.heard('one');
    const headers = { 'in-reply-to': stage.fake.messageIdOf(root), references: stage.fake.messageIdOf(root) };
    stage.fake.receive({ subject: 'Re: Table', text: 'two', headers });
    await host.heard('two');
    stage.fake.receive({ subject: 'Fwd: Table', text: 'three', headers });
    await host.heard('three');
    const titles = host.events.map(({ subject }) => subject?.title ?? null);
    expect(titles).toEqual(['Table', null, 'Fwd: Table']);
  });

  test('what is passed on is no word of who passes it on, also where nobody is to answer yet', async () => {
    await stage.adapter.start(host);
    const text = 'Begin forwarded message:\n\n> From: Bob <bob@example.org>\n>\n> /new';
    stage.fake.receive({ subject: 'Fwd: x', text });
    const event = await host.until(() => host.events[0]);
    expect(event).toMatchObject({ text: '', forwarded: { from: 'Bob <bob@example.org>' } });
    host.admits = () => 'brief';
    stage.fake.receive({ subject: 'Fwd: y', text: `See.\n\n${text}` });
    expect(await host.heard('See.')).toMatchObject({
      text: 'See.',
      forwarded: { text: expect.stringContaining('/new') },
    });
  });

  test('what is forwarded is read, and so is what answers a mail that is not here', async () => {
    await stage.adapter.start(host);
    const headers = { 'in-reply-to': '<a@b.org>', references: '["<a@b.org>"]' };
    const quote = '\n\nOn Monday at 9:00 AM Andy wrote:\n> Shall I?';
    stage.fake.receive({ subject: 'Re: x', text: `Yes.${quote}`, headers });
    stage.fake.receive({ subject: 'Fwd: x', text: `See.${quote}`, headers });
    await host.heard('See.');
    expect(host.events.map((event) => event.text)).toEqual([`Yes.${quote}`, `See.${quote}`]);
  });
});

describe('what goes out', () => {
  test('an answer goes on in its thread, with its subject, as words and as HTML', async () => {
    await stage.adapter.start(host);
    const first = stage.fake.receive({ subject: 'Dinner', text: 'What shall we eat?' });
    const { threadId } = await host.heard('What shall we eat?');
    const to = { ...stage.direct, threadId };
    await stage.adapter.deliver(requestOf(to, textPart('**Soup** & [bread](https://a.b)', first)));
    const root = stage.fake.messageIdOf(first);
    expect(stage.fake.sent[0]).toMatchObject({
      to: 'ada@example.org',
      subject: 'Re: Dinner',
      text: '**Soup** & [bread](https://a.b)',
      html: '<p><strong>Soup</strong> &amp; <a href="https://a.b">bread</a></p>',
      headers: { 'In-Reply-To': root, References: root, 'Auto-Submitted': 'auto-replied' },
    });
    const references = `${root} <sent@amazonses.com>`;
    const second = stage.fake.receive({ subject: 'RE: Dinner', text: 'And then?', headers: { references } });
    expect((await host.heard('And then?')).threadId).toBe(threadId);
    await stage.adapter.deliver(requestOf(to, textPart('Cake')));
    expect(stage.fake.sent[1]?.headers.References).toBe(`${root} ${stage.fake.messageIdOf(second)}`);
  });

  test('a program that names only the mail of ours that it answers finds its thread by the subject', async () => {
    await stage.adapter.start(host);
    stage.fake.receive({ subject: 'Dinner', text: 'What shall we eat?' });
    const { threadId } = await host.heard('What shall we eat?');
    stage.fake.receive({
      subject: 'AW: Dinner',
      text: 'Well?',
      headers: { 'in-reply-to': '<x@amazonses.com>' },
    });
    expect((await host.heard('Well?')).threadId).toBe(threadId);
  });

  test('a mail of its own gets a subject; no line of it gets into the head', async () => {
    await stage.adapter.start(host);
    const text = `\n# Good **morning**\r\n\nBcc: eve@example.org\n${'x'.repeat(100)}`;
    await stage.adapter.deliver(requestOf(stage.direct, textPart(text)));
    expect(stage.fake.sent[0]).toMatchObject({
      subject: 'Good morning',
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
    stage.fake.receive({ subject: 'Two\r\nBcc: eve@example.org', text: 'a question to you' });
    const { threadId, messageId } = await host.heard('a question');
    await stage.adapter.deliver(requestOf({ ...stage.direct, threadId }, textPart('yes', messageId)));
    expect(stage.fake.sent[1]?.subject).toBe('Re: Two Bcc: eve@example.org');
  });

  test('the second attempt is the same mail, though the thread has moved on', async () => {
    await stage.adapter.start(host);
    stage.say(stage.thread(), 'one');
    await host.heard('one');
    stage.fault('cut-after');
    const request = requestOf(stage.thread(), textPart('answer'));
    await expect(stage.adapter.deliver(request)).rejects.toMatchObject({ errorClass: 'unknown' });
    stage.say(stage.thread(), 'two');
    await host.heard('two');
    await stage.adapter.deliver(request);
    expect(stage.heard(stage.thread()).map((heard) => heard.text)).toEqual(['answer']);
  });

  test('a question is text; a file can go without words', async () => {
    await stage.adapter.start(host);
    const options = ['Soup', 'Bread'].map((label) => ({ label, value: label }));
    const question = { type: 'question' as const, questionId: 'q_1', title: '', question: 'What?', options };
    await stage.adapter.deliver(requestOf(stage.direct, question));
    expect(stage.fake.sent[0]?.text).toContain('2. Bread');
    const files = [{ name: 'a.txt', mimeType: 'text/plain', data: Buffer.from('a') }];
    await stage.adapter.deliver(requestOf(stage.direct, { type: 'text', text: '', files, replyTo: null }));
    expect(stage.fake.sent[1]).toMatchObject({ text: 'a.txt', files: [{ name: 'a.txt' }] });
  });

  test('a domain that is not verified is told with what to do', async () => {
    await stage.adapter.start(host);
    stage.fake.domain.status = 'pending';
    await expect(stage.adapter.deliver(requestOf(stage.direct, textPart('x')))).rejects.toMatchObject({
      code: 'resend-domain-not-verified',
      errorClass: 'permanent',
      fix: expect.stringContaining('resend.com/domains'),
    });
  });
});

describe('around it', () => {
  test('the credentials are checked with Resend', async () => {
    const check = (more: Record<string, string> = {}) =>
      resend.checkCredentials({ env: () => ({ ...stage.env(), ...more }) }, new AbortController().signal);
    expect(await check()).toEqual([]);
    expect(await check({ RESEND_API_KEY: '' })).toMatchObject([{ message: 'It is missing.' }]);
    expect(await check({ RESEND_API_KEY: 're_no' })).toMatchObject([
      { fix: expect.stringContaining('Full access') },
    ]);
    expect(await check({ RESEND_FROM_ADDRESS: 'agent@elsewhere.org' })).toMatchObject([
      { name: 'RESEND_FROM_ADDRESS', message: expect.stringContaining('elsewhere.org') },
    ]);
    stage.fake.domain.status = 'pending';
    expect(await check()).toMatchObject([{ name: 'RESEND_FROM_ADDRESS', accepted: true }]);
    stage.fake.key.full = false;
    expect(await check()).toMatchObject([{ message: expect.stringContaining('may only send') }]);
    await stage.fake.http.goDown();
    expect(await check()).toMatchObject([{ fix: expect.stringContaining('Try again') }]);
    await stage.fake.http.comeUp();
  });

  test('an address is a chat, as it was copied', async () => {
    await stage.adapter.start(host);
    const found = { platformId: 'resend:ada@example.org', name: 'ada@example.org', isGroup: false };
    for (const given of ['Ada <Ada@Example.org>', 'mailto:ada@example.org', 'resend:ada@example.org']) {
      expect(await stage.adapter.resolveChat?.(given)).toEqual(found);
    }
  });

  test('no secret, no address and no word of a mail is logged', async () => {
    const { log, lines } = createMemoryLog('trace');
    const { fake } = stage;
    const adapter = stage.logging(log);
    await adapter.start(host);
    stage.say(stage.direct, 'confidential words');
    await host.heard('confidential');
    fake.receive({ text: 'confidential and forged', headers: FORGED });
    stage.fault('refused');
    await adapter.deliver(requestOf(stage.direct, textPart('confidential answer'))).catch(() => {});
    await fake.hook.idle();
    await adapter.stop();
    const text = JSON.stringify(lines);
    expect(text).toContain('nobody vouches');
    for (const secret of [fake.key.value, fake.secret, 'confidential', 'ada@']) {
      expect(text).not.toContain(secret);
    }
  });
});
