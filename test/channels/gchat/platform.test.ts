import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Address } from '../../../src/address.js';
import { gchat } from '../../../src/channels/gchat.js';
import { buttonsOf, type FakeSpace } from '../../fakes/gchat.js';
import { createMemoryLog } from '../../fakes/log.js';
import { createRecordingHost, type RecordingHost, requestOf, textPart } from '../contract/stage.js';
import { type GoogleChatStage, openGoogleChat } from '../gchat.js';

let stage: GoogleChatStage;
let host: RecordingHost;
beforeEach(async () => {
  stage = await openGoogleChat();
  host = createRecordingHost();
});
afterEach(async () => {
  await stage.adapter.stop();
  await stage.close();
});

const PUBLIC_URL = 'https://wharfie.example.org';
const team = (): Address => ({
  channelType: 'gchat',
  platformId: `gchat:${stage.fake.world.team.name}`,
  threadId: '',
});

describe('what others said', () => {
  const tell = (space: FakeSpace, text: string, fields: object, thread?: string) => {
    const { fake } = stage;
    const message = Object.assign(fake.world.add(space, fake.world.ada, text, thread), fields);
    void fake.caller.call(space.name, fake.authorization(), fake.eventOf('MESSAGE', message));
  };
  const metadata = (name: string, more: object = {}) => ({
    quotedMessageMetadata: { name, lastUpdateTime: '2026-01-01T00:00:00Z', quoteType: 'REPLY', ...more },
  });

  test('a quotation without its words is asked for, and one that cannot be read is told', async () => {
    await stage.adapter.start(host);
    const { world } = stage.fake;
    const earlier = world.add(world.family, world.bob, 'said before');
    tell(world.family, 'and this?', metadata(earlier.name));
    expect(await host.heard('and this?')).toMatchObject({
      ...{ replyTo: earlier.name, quoted: { text: 'said before', from: 'Bob', messageId: earlier.name } },
    });
    tell(world.family, 'and that?', metadata(`${world.family.name}/messages/gone.gone`));
    const event = await host.heard('and that?');
    expect(event.quoted).toBeUndefined();
    expect(event.problems).toEqual(['The message that this one answers or passes on could not be read.']);
  });

  test('a message of another space is not asked for', async () => {
    await stage.adapter.start(host);
    const { world, http } = stage.fake;
    const asked = http.requests.length;
    tell(world.family, 'hm', metadata('spaces/AAAA9/messages/a.a'));
    tell(world.family, 'hm again', metadata('../../../v1/spaces'));
    await host.heard('hm again');
    expect(http.requests.slice(asked).filter((one) => /AAAA9|v1\/spaces$/.test(one))).toEqual([]);
  });

  test('what is passed on comes with its files, as of who wrote it', async () => {
    await stage.adapter.start(host);
    const { world } = stage.fake;
    tell(world.direct, 'hello', {});
    const attachments = [
      {
        contentName: 'a.txt',
        contentType: 'text/plain',
        attachmentDataRef: { resourceName: world.keep(Buffer.from('bytes')) },
      },
    ];
    const quotedMessageSnapshot = { sender: world.ada.name, text: 'the plan', attachments };
    tell(
      world.direct,
      '',
      metadata('spaces/AAAA9/messages/a.a', { quoteType: 'FORWARD', quotedMessageSnapshot }),
    );
    const event = await host.until(() => host.events.find(({ forwarded }) => forwarded));
    expect(event).toMatchObject({
      ...{ text: '', forwarded: { text: 'the plan', from: 'Ada', at: Date.parse('2026-01-01T00:00:00Z') } },
      attachments: [{ name: 'a.txt', mimeType: 'text/plain' }],
    });
    const chunks = [];
    for await (const chunk of (await event.attachments[0]?.open()) ?? []) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('bytes');
  });

  test('where the first message of a thread is not the app’s to read, its list is asked', async () => {
    await stage.adapter.start(host);
    const { world } = stage.fake;
    const root = world.add(world.team, world.bob, 'how it began');
    root.name = `${world.team.name}/messages/another-name`;
    tell(world.team, 'what is this?', {}, root.thread.name);
    const refused = await host.heard('what is this?');
    await expect(refused.root?.()).rejects.toMatchObject({ errorClass: 'permanent' });
    world.isApproved = true;
    tell(world.team, 'and now?', {}, root.thread.name);
    const { root: fetch } = await host.heard('and now?');
    expect(await fetch?.()).toMatchObject({ text: 'how it began', from: 'Bob', messageId: root.name });
  });

  test('the first message of a thread has none before it', async () => {
    await stage.adapter.start(host);
    stage.say(team(), 'something new');
    expect((await host.heard('something new')).root).toBeUndefined();
  });

  test.each([
    [
      'a GIF',
      { attachedGifs: [{ uri: 'https://media.tenor.com/a.gif' }] },
      '[gif: https://media.tenor.com/a.gif]',
    ],
    ['nothing', {}, '[a message without words]'],
    [
      'a card',
      {
        cardsV2: [
          {
            card: {
              header: { title: 'A build', subtitle: 'of today' },
              sections: [
                {
                  header: 'Result',
                  widgets: [
                    { decoratedText: { topLabel: 'State', text: '<b>red</b>', bottomLabel: 'again' } },
                    {
                      buttonList: {
                        buttons: [{ text: 'More', onClick: { openLink: { url: 'https://x' } } }],
                      },
                    },
                  ],
                },
              ],
            },
          },
        ],
      },
      'A build\nof today\nResult\nState\nred\nagain\nMore',
    ],
    [
      'no kinds of things',
      { cardsV2: 5, attachedGifs: [null], annotations: 'x', quotedMessageMetadata: [] },
      '[a message without words]',
    ],
  ])('%s has its words', async (_, fields, text) => {
    await stage.adapter.start(host);
    tell(stage.fake.world.direct, '', fields);
    expect((await host.until(() => host.events[0])).text).toBe(text);
  });

  test('a command is a message to the app', async () => {
    await stage.adapter.start(host);
    const { fake } = stage;
    const { direct, ada } = fake.world;
    const message = Object.assign(fake.world.add(direct, ada, '/status please'), {
      slashCommand: { commandId: 1 },
    });
    await fake.caller.call('x', fake.authorization(), fake.eventOf('APP_COMMAND', message));
    fake.addOnAt = null;
    expect(host.events[0]).toMatchObject({ text: '/status please' });
  });
});

describe('what is said', () => {
  test('a message in a space is answered in its thread', async () => {
    await stage.adapter.start(host);
    const name = stage.say(team(), 'shall we?');
    const { threadId, mentioned } = await host.heard('shall we?');
    expect(name).toContain(`/messages/${threadId}.`);
    expect(mentioned).toBe(true);
    await stage.adapter.deliver(requestOf({ ...team(), threadId }, textPart('yes')));
    expect(stage.heard({ ...team(), threadId }).map((heard) => heard.text)).toEqual(['yes']);
    await stage.adapter.deliver(requestOf(team(), textPart('something new')));
    expect(stage.heard({ ...team(), threadId })).toHaveLength(1);
    expect(stage.heard(team())).toHaveLength(2);
  });

  test('the message by which the app was added is heard', async () => {
    await stage.adapter.start(host);
    const { fake } = stage;
    const { family, ada } = fake.world;
    const event = fake.eventOf('ADDED_TO_SPACE', fake.world.add(family, ada, '@Wharfie welcome'));
    expect(await fake.caller.call('x', fake.authorization(), event)).toBe(200);
    expect(host.events[0]).toMatchObject({ text: '@Wharfie welcome', chatName: 'Family', isGroup: true });
  });

  test.each([
    ['being added', { type: 'ADDED_TO_SPACE', space: { name: 'spaces/AAAA111' } }],
    ['something else', { type: 'WIDGET_UPDATED', space: { name: 'spaces/AAAA111' } }],
    ['no event', { hello: 'there' }],
    ['no object', 'hello'],
  ])('%s is acknowledged and is no message', async (_, body) => {
    await stage.adapter.start(host);
    const { caller, authorization } = stage.fake;
    expect(await caller.call('x', authorization(), body)).toBe(200);
    expect(host.events).toEqual([]);
  });

  test('a click in a direct message is none in a group', async () => {
    const options = [{ label: 'Yes', value: 'yes' }];
    const question = { type: 'question', questionId: 'q_1', title: '', question: 'Do it?', options } as const;
    await stage.adapter.start(host);
    const sent = await stage.adapter.deliver(requestOf(stage.direct, { ...question, options }));
    stage.click(stage.direct, sent.messageIds[0] ?? '', 'Yes');
    await host.until(() => host.events.length);
    expect(host.events[0]).toMatchObject({ ...stage.direct, kind: 'click', isGroup: false, text: 'yes' });
    expect(host.events[0]?.sender).toMatchObject({ id: 'gchat:users/445566', name: 'Ada' });
  });

  test('a file in Google Drive is named, and cannot be opened', async () => {
    await stage.adapter.start(host);
    const { fake } = stage;
    const message = fake.world.add(fake.world.direct, fake.world.ada, 'see the plan');
    const driveDataRef = { driveFileId: 'abc' };
    message.attachment = [{ contentName: 'plan', contentType: 'application/pdf', driveDataRef }];
    await fake.caller.call('x', fake.authorization(), fake.eventOf('MESSAGE', message));
    const [file] = host.events[0]?.attachments ?? [];
    expect(file?.name).toBe('plan');
    await expect(file?.open()).rejects.toThrow('Google Drive');
  });
});

describe('what the agent says', () => {
  test('on its word nobody calls a whole space', async () => {
    await stage.adapter.start(host);
    const text = 'hear <users/all> and <users/445566>\n```\n<users/all>\n```\n`<USERS/ALL>`';
    await stage.adapter.deliver(requestOf(stage.direct, textPart(text)));
    const card = {
      title: '<users/all>',
      text: 'hi <users/all>',
      fields: [{ label: 'a', value: '<users/all>' }],
    };
    await stage.adapter.deliver(requestOf(stage.direct, { type: 'card', card, fallbackText: '<users/all>' }));
    const said = JSON.stringify(
      stage.fake.said(stage.fake.world.direct).map(({ space: _, ...rest }) => rest),
    );
    expect(said.match(/@all/gi)).toHaveLength(7);
    expect(said).not.toMatch(/<users/i);
  });

  test('files are refused with what to do instead, and nothing is said', async () => {
    await stage.adapter.start(host);
    const files = [{ name: 'a.txt', mimeType: 'text/plain', data: Buffer.from('a') }];
    const part = { type: 'text', text: 'here', files, replyTo: null } as const;
    await expect(stage.adapter.deliver(requestOf(stage.direct, { ...part, files }))).rejects.toMatchObject({
      code: 'gchat-no-files',
      errorClass: 'permanent',
    });
    expect(stage.heard(stage.direct)).toEqual([]);
  });

  test('a message of another space is not changed', async () => {
    await stage.adapter.start(host);
    const { messageIds } = await stage.adapter.deliver(requestOf(team(), textPart('here')));
    const edit = { type: 'edit', messageId: messageIds[0] ?? '', text: 'there' } as const;
    await expect(stage.adapter.deliver(requestOf(stage.direct, edit))).rejects.toMatchObject({
      code: 'gchat-not-found',
    });
    expect(stage.heard(team())[0]?.text).toBe('here');
  });

  test('a button of an add-on leads to its address', async () => {
    const adapter = stage.again({ WHARFIE_PUBLIC_URL: `${PUBLIC_URL}/` });
    await adapter.start(host);
    const options = [{ label: 'Yes', value: 'yes' }];
    const question = { type: 'question', questionId: 'q_1', title: '', question: 'Do it?', options } as const;
    await adapter.deliver(requestOf(stage.direct, { ...question, options }));
    const [message] = stage.fake.said(stage.fake.world.direct);
    expect(message && buttonsOf(message)[0]?.function).toBe(`${PUBLIC_URL}/webhooks/gchat`);
    stage.fake.addOnAt = `${PUBLIC_URL}/webhooks/gchat`;
    stage.click(stage.direct, message?.name ?? '', 'Yes');
    await host.until(() => host.events.length);
    expect(host.events[0]).toMatchObject({ kind: 'click', text: 'yes' });
    await adapter.stop();
  });
});

test('a chat is found by whatever a person can copy', async () => {
  await stage.adapter.start(host);
  const { name } = stage.fake.world.team;
  const id = name.replace('spaces/', '');
  const found = { platformId: `gchat:${name}`, name: 'Team', isGroup: true };
  for (const given of [name, `gchat:${name}`, `https://chat.google.com/room/${id}?cls=7`]) {
    expect(await stage.adapter.resolveChat?.(given)).toEqual(found);
  }
  expect(await stage.adapter.resolveChat?.(stage.direct.platformId)).toMatchObject({ isGroup: false });
  expect(await stage.adapter.resolveChat?.('spaces/NOTTHERE1')).toBeNull();
});

test('no secret and no word of a chat is logged', async () => {
  const { log, lines } = createMemoryLog('trace');
  const adapter = stage.logging(log);
  await adapter.start(host);
  stage.say(stage.group ?? stage.direct, 'confidential words');
  await host.heard('confidential');
  stage.fault('refused');
  await adapter.deliver(requestOf(stage.direct, textPart('confidential answer'))).catch(() => {});
  await stage.fake.caller.call('x', 'Bearer a.b.c', { text: 'confidential lie' });
  await adapter.stop();
  const text = JSON.stringify(lines);
  expect(text).toContain('not from Google Chat');
  for (const secret of ['PRIVATE KEY', stage.fake.token ?? '-', 'confidential', 'eyJ']) {
    expect(text).not.toContain(secret);
  }
});

describe('credentials are checked with Google', () => {
  // A step has no clock but the machine's, which goes on.
  beforeEach(() => stage.clock.jumpWall(Date.now() + 60_000 - stage.clock.now()));
  const check = (more: Record<string, string> = {}) =>
    gchat.checkCredentials({ env: () => ({ ...stage.env(), ...more }) }, new AbortController().signal);

  test('the right ones are taken', async () => {
    expect(await check()).toEqual([]);
  });

  test.each([
    ['GCHAT_CREDENTIALS', '{"type":"authorized_user"}'],
    ['GCHAT_CREDENTIALS', 'not JSON'],
    ['GCHAT_CREDENTIALS', ''],
    ['GCHAT_PROJECT_NUMBER', 'wharfie-test'],
  ])('%s that is %s is named', async (name, value) => {
    const problems = await check({ [name]: value });
    expect(problems).toMatchObject([{ name, fix: expect.stringContaining('console.cloud.google.com') }]);
    expect(problems[0]?.accepted).toBeUndefined();
  });

  test('a refused key, a switched-off API and an outage are told apart', async () => {
    const answer = (status: number, reason: string) =>
      stage.fake.http.faults.next(/spaces/, {
        kind: 'answer',
        status,
        body: { error: { code: status, status: 'PERMISSION_DENIED', details: [{ reason }] } },
      });
    answer(403, 'SERVICE_DISABLED');
    expect(await check()).toMatchObject([{ accepted: true, fix: expect.stringContaining('Enable') }]);
    answer(404, '');
    expect(await check()).toMatchObject([{ accepted: true, fix: expect.stringContaining('Configuration') }]);
    answer(500, '');
    expect(await check()).toMatchObject([{ fix: expect.stringContaining('Try again') }]);
    stage.fake.token = null;
    expect(await check()).toMatchObject([{ fix: expect.stringContaining('Add key') }]);
  });
});
