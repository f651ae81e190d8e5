import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { whatsappCloud } from '../../../src/channels/whatsapp-cloud.js';
import { createMemoryLog } from '../../fakes/log.js';
import { createRecordingHost, type RecordingHost, requestOf, textPart } from '../contract/stage.js';
import { openWhatsApp, VERIFY_TOKEN, type WhatsAppStage } from '../whatsapp-cloud.js';

let stage: WhatsAppStage;
let host: RecordingHost;
beforeEach(async () => {
  stage = await openWhatsApp();
  host = createRecordingHost();
});
afterEach(async () => {
  await stage.adapter.stop();
  await stage.close();
});

const say = (text: string) => stage.adapter.deliver(requestOf(stage.direct, textPart(text)));
const question = (labels: string[]) => ({
  type: 'question' as const,
  questionId: 'q_1',
  title: 'Dinner',
  question: 'What shall it be?',
  options: labels.map((label, at) => ({ label, value: `value ${at}` })),
});

describe('the webhook', () => {
  test('is set up with the verify token only', async () => {
    await stage.adapter.start(host);
    expect(await stage.fake.verify(VERIFY_TOKEN)).toEqual({ status: 200, echoed: true });
    expect(await stage.fake.verify('a-word-of-others')).toEqual({ status: 403, echoed: false });
  });

  test('takes nothing that is not signed with the app secret', async () => {
    await stage.adapter.start(host);
    const url = stage.fake.webhookUrl ?? '';
    const body = JSON.stringify({ entry: [] });
    for (const signature of [null, 'sha256=00', `sha256=${'0'.repeat(64)}`]) {
      const headers = signature === null ? {} : { 'x-hub-signature-256': signature };
      expect((await fetch(url, { method: 'POST', body, headers })).status).toBe(401);
    }
    expect(host.events).toEqual([]);
  });

  // developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages/group
  test('a message in a group is not taken for a direct one of its sender', async () => {
    await stage.adapter.start(host);
    const person = stage.fake.world.ada;
    const group_id = 'Y2FwaV9ncm91cDoxNzA1NTU1MDEzOToxMjAzNjM0MDQ2OTQyMzM4MjAZD';
    stage.fake.send(person, { group_id, type: 'text', text: { body: 'said to all' } });
    stage.fake.send(person, { group_id, type: 'reaction', reaction: { message_id: 'wamid.1', emoji: '👍' } });
    stage.fake.send(person, { type: 'text', text: { body: 'said to the bot' } });
    await host.heard('said to the bot');
    expect(host.events).toHaveLength(1);
  });

  test('what makes no sense disturbs nothing, and is not asked for again', async () => {
    await stage.adapter.start(host);
    const { push, hook, posting } = stage.fake;
    for (const body of ['{"entry":', '{"entry":"x"}']) {
      const answer = await fetch(stage.fake.webhookUrl ?? '', { method: 'POST', ...posting(body) });
      expect(answer.status).toBe(400);
    }
    push({ messages: [{ id: 5 }, null], statuses: ['x'] });
    push({ messages: 'x' });
    push({ contacts: [{}], messages: [{ from: '4915', id: 'w', timestamp: 'yesterday', type: 'text' }] });
    stage.say(stage.direct, 'still here');
    await host.heard('still here');
    await hook.idle();
    expect(hook.answers).toEqual([200, 200, 200, 200]);
    expect(host.events).toHaveLength(1);
  });

  test('what is for another number of the same app is left to others', async () => {
    await stage.adapter.start(host);
    const metadata = { display_phone_number: '1', phone_number_id: '999999999' };
    stage.fake.push({
      metadata,
      contacts: [{ profile: { name: 'Eve' }, wa_id: '4915' }],
      messages: [{ from: '4915', id: 'w1', timestamp: '1', type: 'text', text: { body: 'to another' } }],
    });
    stage.say(stage.direct, 'to this one');
    await host.heard('to this one');
    expect(host.events).toHaveLength(1);
  });

  test('two messages in one call come in their order, and the second waits for the first', async () => {
    await stage.adapter.start(host);
    host.refuse(1, (event) => event.text === 'first');
    const { wa_id, name } = stage.fake.world.ada;
    stage.fake.push({
      contacts: [{ profile: { name }, wa_id }],
      messages: ['first', 'second'].map((body, at) => ({
        from: wa_id,
        id: `w${at}`,
        timestamp: '1768478400',
        type: 'text',
        text: { body },
      })),
    });
    await host.heard('second');
    expect(host.events.map((event) => event.text)).toEqual(['first', 'second']);
  });

  test('a kind of message that cannot be shown is told, and a picture is its words', async () => {
    await stage.adapter.start(host);
    const { wa_id, name } = stage.fake.world.ada;
    const at = { from: wa_id, timestamp: '1768478400' };
    const video = { id: '901', mime_type: 'video/mp4', sha256: '', caption: 'my cat' };
    stage.fake.push({
      contacts: [{ profile: { name }, wa_id }],
      messages: [
        { ...at, id: 'w1', type: 'order', order: {} },
        { ...at, id: 'w2', type: 'video', video },
        { ...at, id: 'w3', type: 'revoke', revoke: {} },
        {
          ...at,
          id: 'w5',
          type: 'contacts',
          contacts: [{ name: { formatted_name: 'Bob' }, phones: [{ phone: '+1 555' }] }],
        },
        { ...at, id: 'w6', type: 'location', location: { latitude: 1, longitude: 2, name: 'Home' } },
        { ...at, id: 'w4', type: 'text', text: { body: 'end' } },
      ],
    });
    await host.heard('end');
    expect(host.events.map((event) => event.text)).toEqual([
      '[a message of a kind that cannot be shown here: order]',
      'my cat',
      '[contact: Bob, +1 555]',
      '[place: Home, 1, 2]',
      'end',
    ]);
    const names = host.events.map((event) => event.attachments.map((file) => file.name));
    expect(names).toEqual([[], ['video.mp4'], [], [], []]);
  });
});

describe('what goes out', () => {
  test('to somebody who has not written for a day it is refused, with what to do', async () => {
    await stage.adapter.start(host);
    stage.fake.world.ada.windowOpen = false;
    await expect(say('hello?')).rejects.toMatchObject({
      code: 'whatsapp-window-closed',
      errorClass: 'permanent',
      message: expect.stringContaining('24 hours'),
      fix: expect.stringContaining('deliveries'),
    });
    expect(stage.heard(stage.direct)).toEqual([]);
  });

  test('where no status comes a send waits some seconds for it, once', async () => {
    await stage.adapter.start(host);
    stage.fake.webhookUrl = null;
    const sent = say('one');
    await stage.fake.http.until(() => stage.fake.said(stage.fake.world.ada).length === 1);
    for (let done = false; !done; ) {
      await stage.clock.advance(1000);
      done = await Promise.race([sent.then(() => true), new Promise<false>((go) => setImmediate(go, false))]);
    }
    expect((await say('two')).messageIds).toHaveLength(1);
  });

  test('more than three choices, or long ones, are a list; what is no list is text', async () => {
    await stage.adapter.start(host);
    const four = ['Soup', 'Bread', 'A very long name for a very simple pancake', 'Rice'];
    const { messageIds } = await stage.adapter.deliver(requestOf(stage.direct, question(four)));
    const rows = stage.heard(stage.direct)[0]?.buttons ?? [];
    expect(rows).toEqual(['Soup', 'Bread', 'A very long name for a…', 'Rice']);
    stage.click(stage.direct, messageIds[0] ?? '', rows[2] ?? '');
    const click = await host.until(() => host.events.find((event) => event.kind === 'click'));
    expect(click).toMatchObject({ text: 'value 2', replyTo: messageIds[0] });
    await stage.adapter.deliver(
      requestOf(stage.direct, question(Array.from({ length: 11 }, (_, at) => `No. ${at}`))),
    );
    expect(stage.heard(stage.direct)[1]).toMatchObject({
      buttons: [],
      text: expect.stringContaining('11. No. 10'),
    });
  });

  test('files of every kind, with a text that is too long for a caption', async () => {
    await stage.adapter.start(host);
    const files = [
      { name: 'a.csv', mimeType: 'text/csv', data: Buffer.from('a,b') },
      { name: 'b.mp3', mimeType: 'audio/mpeg', data: Buffer.from('b') },
    ];
    const text = 'word '.repeat(300).trim();
    await stage.adapter.deliver(requestOf(stage.direct, { type: 'text', text, files, replyTo: null }));
    const heard = stage.heard(stage.direct);
    expect(heard.flatMap((one) => one.files.map((file) => file.name))).toEqual(['a.csv', 'b.mp3']);
    expect(heard.map((one) => one.text).filter(Boolean)).toEqual([text]);
  });

  test('where the second file fails the first is not said again', async () => {
    await stage.adapter.start(host);
    const { http, world } = stage.fake;
    const files = ['a', 'b'].map((name) => ({
      name: `${name}.txt`,
      mimeType: 'text/plain',
      data: Buffer.from(name),
    }));
    const request = requestOf(stage.direct, { type: 'text', text: '', files, replyTo: null });
    const delivery = stage.adapter.deliver(request);
    await http.until(() => http.requests.some((name) => name.endsWith('/messages')));
    stage.fault('outage');
    await expect(delivery).rejects.toMatchObject({ errorClass: 'transient' });
    expect(stage.fake.said(world.ada)).toHaveLength(1);
    await stage.adapter.deliver(request);
    const heard = stage.heard(stage.direct);
    expect(heard.flatMap((one) => one.files.map((file) => file.name))).toEqual(['a.txt', 'b.txt']);
  });

  test('a file of a kind that WhatsApp does not know leaves nothing behind', async () => {
    await stage.adapter.start(host);
    const files = [{ name: 'a.zip', mimeType: 'application/zip', data: Buffer.from('a') }];
    const part = { type: 'text' as const, text: 'here', files, replyTo: null };
    await expect(stage.adapter.deliver(requestOf(stage.direct, part))).rejects.toMatchObject({
      code: 'whatsapp-file-refused',
      errorClass: 'permanent',
    });
    expect(stage.heard(stage.direct)).toEqual([]);
  });

  test('typing is about the last message, and nothing where there is none', async () => {
    await stage.adapter.start(host);
    await stage.adapter.setTyping(stage.direct);
    stage.say(stage.direct, 'one');
    const last = stage.say(stage.direct, 'two');
    await host.heard('two');
    await stage.adapter.setTyping(stage.direct);
    expect(stage.fake.world.typing).toEqual([last]);
  });
});

describe('around it', () => {
  test('a person is found by whatever can be copied', async () => {
    await stage.adapter.start(host);
    const { platformId } = stage.direct;
    const found = { platformId, name: '+491701234567', isGroup: false };
    for (const given of [platformId, '+49 170 1234567', 'whatsapp:491701234567']) {
      expect(await stage.adapter.resolveChat?.(given)).toEqual(found);
    }
    expect(await stage.adapter.resolveChat?.('whatsapp:99999999:491701234567')).toBeNull();
  });

  test('the credentials are checked with Meta', async () => {
    const check = (more: Record<string, string> = {}) =>
      whatsappCloud.checkCredentials(
        { env: () => ({ ...stage.env(), ...more }) },
        new AbortController().signal,
      );
    expect(await check()).toEqual([]);
    const names = async (more: Record<string, string>) => (await check(more)).map(({ name }) => name);
    expect(await names({ WHATSAPP_ACCESS_TOKEN: '' })).toEqual(['WHATSAPP_ACCESS_TOKEN']);
    expect(await names({ WHATSAPP_ACCESS_TOKEN: 'EAAx' })).toEqual(['WHATSAPP_ACCESS_TOKEN']);
    expect(await names({ WHATSAPP_PHONE_NUMBER_ID: '5' })).toEqual(['WHATSAPP_PHONE_NUMBER_ID']);
    expect(await names({ WHATSAPP_APP_SECRET: 'b'.repeat(32) })).toEqual(['WHATSAPP_APP_SECRET']);
    await stage.fake.http.goDown();
    expect(await check()).toMatchObject([{ fix: expect.stringContaining('Try again') }]);
    await stage.fake.http.comeUp();
  });

  test('no secret and no word of a chat is logged', async () => {
    const { log, lines } = createMemoryLog('trace');
    const { fake } = stage;
    const adapter = stage.logging(log);
    await adapter.start(host);
    stage.say(stage.direct, 'confidential words');
    await host.heard('confidential');
    stage.fault('refused');
    await adapter.deliver(requestOf(stage.direct, textPart('confidential answer'))).catch(() => {});
    await fake.verify('a-wrong-word');
    await adapter.stop();
    const text = JSON.stringify(lines);
    for (const secret of [fake.credentials.token, fake.credentials.appSecret, VERIFY_TOKEN, 'confidential']) {
      expect(text).not.toContain(secret);
    }
  });
});
