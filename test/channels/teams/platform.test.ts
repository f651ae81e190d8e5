import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { teams } from '../../../src/channels/teams.js';
import { createMemoryLog } from '../../fakes/log.js';
import { createRecordingHost, type RecordingHost, requestOf, textPart } from '../contract/stage.js';
import { openTeams, type TeamsStage } from '../teams.js';

let stage: TeamsStage;
let host: RecordingHost;
beforeEach(async () => {
  stage = await openTeams();
  host = createRecordingHost();
});
afterEach(async () => {
  await stage.adapter.stop();
  await stage.close();
});

const general = (thread = '') => stage.addressOf(stage.fake.world.general, thread);
const b64 = (text: string) => Buffer.from(text).toString('base64url');

test('code holds no image either: what Teams takes for code is not published', async () => {
  await stage.adapter.start(host);
  const text = '~~~\n![a](https://e.example)\n~~~';
  await stage.adapter.deliver(requestOf(stage.direct, textPart(text)));
  expect(stage.fake.http.bodies.at(-1)).toMatchObject({ text: '~~~\n[a](https://e.example)\n~~~' });
});

describe('what is said', () => {
  test('a message in a channel begins a thread, and is answered in it', async () => {
    await stage.adapter.start(host);
    const id = stage.say(general(), 'who is on duty?', { mention: true });
    const event = await host.heard('who is on duty?');
    expect(event).toMatchObject({ ...general(id), isGroup: true, chatName: 'Crew / General', replyTo: null });
    expect(event.text).toBe('@Wharfie Bot who is on duty?');
    await stage.adapter.deliver(requestOf(general(id), textPart('Ada', id)));
    expect(stage.heard(general(id))).toMatchObject([{ text: 'Ada', replyTo: null }]);
    stage.say(general(id), 'and tomorrow?');
    expect(await host.heard('tomorrow')).toMatchObject({ ...general(id), replyTo: id, mentioned: false });
  });

  test('to go on in a thread that the bot began is to answer it, also after a restart', async () => {
    await stage.adapter.start(host);
    const sent = await stage.adapter.deliver(requestOf(general(), textPart('the plan of the day')));
    const root = sent.messageIds[0] ?? '';
    await stage.adapter.stop();
    await stage.adapter.start(host);
    stage.say(general(root), 'looks fine');
    expect(await host.heard('looks fine')).toMatchObject({
      ...general(root),
      mentioned: true,
      replyTo: root,
    });
    stage.say(general(), 'a thread of a person');
    expect(await host.heard('of a person')).toMatchObject({ mentioned: false });
  });

  // learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/channel-messages: `undeleteMessage`
  test('a deleted message that its author brings back is told as such, an edit is not', async () => {
    await stage.adapter.start(host);
    const { direct } = stage.fake.world;
    const { id } = stage.fake.say(direct, 'the words');
    await host.heard('the words');
    const update = (eventType: string, text: string) =>
      stage.fake.tell(direct, { type: 'messageUpdate', id, text, channelData: { eventType } });
    update('undeleteMessage', 'the words, back');
    const back = await host.heard('the words, back');
    expect(back).toMatchObject({ kind: 'edited', replyTo: id, restored: true });
    update('editMessage', 'other words');
    expect(await host.heard('other words')).not.toHaveProperty('restored');
  });

  test('a message is heard though the names of its channel cannot be had', async () => {
    await stage.adapter.start(host);
    stage.fake.http.faults.next(/\/teams\/19:/, { kind: 'answer', status: 500 }, 2);
    stage.say(general(), 'anyway');
    expect(await host.heard('anyway')).toMatchObject({ chatName: 'Ada' });
  });

  test('a chat that Microsoft moves to another address stays the same', async () => {
    await stage.adapter.start(host);
    const family = stage.addressOf(stage.fake.world.family);
    stage.say(family, 'before');
    await host.heard('before');
    stage.fake.serviceUrl = `${stage.fake.http.origin()}/moved/`;
    stage.say(family, 'after');
    expect(await host.heard('after')).toMatchObject({ ...family });
    await stage.adapter.deliver(requestOf(family, textPart('here')));
    await stage.adapter.stop();
    await stage.adapter.start(host);
    await stage.adapter.deliver(requestOf(family, textPart('and here')));
    expect(stage.heard(family).map((heard) => heard.text)).toEqual(['here', 'and here']);
  });

  test('a reaction is one to its message, not to the thread', async () => {
    await stage.adapter.start(host);
    const root = stage.say(general(), 'thread');
    const sent = await stage.adapter.deliver(requestOf(general(root), textPart('done')));
    stage.react(general(root), sent.messageIds[0] ?? '', '👍');
    expect(await host.heard('👍')).toMatchObject({ ...general(root), replyTo: sent.messageIds[0] });
  });

  test('a reaction without a character keeps its name', async () => {
    await stage.adapter.start(host);
    const [message] = [stage.say(stage.direct, 'x')].map((id) =>
      stage.fake.world.messages.find((one) => one.id === id),
    );
    if (message)
      for (const type of ['1f389_partypopper', 'launch', 'own-42']) stage.fake.react(message, type);
    await stage.fake.caller.idle();
    const reactions = host.events.filter((event) => event.kind === 'reaction').map((event) => event.text);
    expect(reactions).toEqual(['🎉', '🚀', ':own-42:']);
  });

  test.each([
    ['being added', { type: 'installationUpdate', action: 'add' }],
    ['somebody new', { type: 'conversationUpdate', id: '1', membersAdded: [{ id: '29:new' }] }],
    ['typing', { type: 'typing' }],
    ['a message without an id', { type: 'message', text: 'x' }],
    ['nobody', { type: 'message', id: '1', text: 'x', from: null }],
  ])('%s is acknowledged and is no message', async (_, fields) => {
    await stage.adapter.start(host);
    const { fake } = stage;
    const activity = fake.activity(fake.world.family, fields);
    expect(await fake.caller.call('x', fake.authorization(), activity)).toBe(200);
    expect(host.events).toEqual([]);
  });

  test('a mention counts in whatever case Teams writes the app’s id', async () => {
    await stage.adapter.start(host);
    const { fake } = stage;
    const { id, name } = fake.world.bot;
    const at = `<at>${name}</at>`;
    const entities = [{ type: 'mention', text: at, mentioned: { id: id.toUpperCase(), name } }];
    const activity = fake.activity(fake.world.family, { id: '43', text: `${at} hello`, entities });
    expect(await fake.caller.call('x', fake.authorization(), activity)).toBe(200);
    expect(host.events).toMatchObject([{ mentioned: true, calledAs: `@${name}` }]);
  });

  test('nothing is asked of Microsoft before a message is taken in', async () => {
    await stage.adapter.start(host);
    const before = stage.fake.http.requests.length;
    stage.say(stage.direct, 'quick');
    await host.heard('quick');
    expect(stage.fake.http.requests.slice(before)).toEqual(['GET /openid', 'GET /keys']);
  });

  test('a picture in a message is had with our token, a file elsewhere is not asked for', async () => {
    await stage.adapter.start(host);
    const { fake } = stage;
    fake.world.files.set('picture', Buffer.from('pixels'));
    const attachments = [
      { contentType: 'image/png', contentUrl: `${fake.serviceUrl}v3/attachments/picture/views/original` },
      { contentType: 'image/png', contentUrl: 'https://evil.example/picture.png' },
      { contentType: 'image/png', contentUrl: 'http://169.254.169.254/latest/meta-data' },
      // The connector's own, with more in it than is this chat's to see.
      { contentType: 'image/png', contentUrl: `${fake.serviceUrl}v3/conversations/x/members` },
      { contentType: 'image/png', contentUrl: `${fake.serviceUrl}v3/attachments/../teams/x` },
    ];
    const activity = fake.activity(fake.world.direct, { id: '42', text: 'look', attachments });
    expect(await fake.caller.call('x', fake.authorization(), activity)).toBe(200);
    const [own, ...others] = host.events[0]?.attachments ?? [];
    expect(own && (await text(await own.open()))).toBe('pixels');
    expect(others).toHaveLength(4);
    for (const other of others) await expect(other.open()).rejects.toThrow('does not lie with Microsoft');
  });
});

describe('what the agent says', () => {
  test('our token goes to nobody but Microsoft, whatever id was registered', async () => {
    await stage.adapter.start(host);
    for (const service of [
      'https://evil.example/teams',
      'https://evil.trafficmanager.net/teams',
      'https://smba.trafficmanager.net.evil.example',
      'https://smba.trafficmanager.net:8443/teams',
      'http://127.0.0.1:1/teams',
    ]) {
      const to = { ...stage.direct, platformId: `teams:${b64('a:1direct')}:${b64(service)}` };
      for (const part of [textPart('hello'), { type: 'edit', messageId: '1', text: 'x' } as const]) {
        await expect(stage.adapter.deliver(requestOf(to, part))).rejects.toMatchObject({
          code: 'teams-foreign-service',
          errorClass: 'permanent',
        });
      }
      await expect(stage.adapter.resolveChat?.(to.platformId)).rejects.toMatchObject({
        code: 'teams-foreign-service',
      });
    }
  });

  test.each([
    ['a document', 'application/pdf', 100],
    ['a large picture', 'image/png', 72_001],
    ['a drawing that is a program', 'image/svg+xml', 100],
  ])('%s is refused with what to do instead, and nothing is said', async (_, mimeType, size) => {
    await stage.adapter.start(host);
    const files = [{ name: 'a', mimeType, data: Buffer.alloc(size) }];
    const part = { type: 'text', text: 'here', files, replyTo: null } as const;
    await expect(stage.adapter.deliver(requestOf(stage.direct, { ...part, files }))).rejects.toMatchObject({
      code: 'teams-file-refused',
      errorClass: 'permanent',
    });
    expect(stage.heard(stage.direct)).toEqual([]);
  });

  test('an emoji that Teams cannot know is refused', async () => {
    await stage.adapter.start(host);
    const messageId = stage.say(stage.direct, 'look');
    const reaction = { type: 'reaction', messageId, emoji: '🦭' } as const;
    await expect(stage.adapter.deliver(requestOf(stage.direct, reaction))).rejects.toMatchObject({
      code: 'teams-unknown-emoji',
    });
  });

  test('a plain text is not read as Markdown', async () => {
    await stage.adapter.start(host);
    await stage.adapter.deliver(requestOf(stage.direct, textPart('**bold**')));
    expect(stage.fake.said(stage.fake.world.direct)[0]).toMatchObject({
      text: '**bold**',
      textFormat: 'markdown',
    });
  });
});

test('no secret and no word of a chat is logged, nor written to the console', async () => {
  const { log, lines } = createMemoryLog('trace');
  const console_ = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) =>
    vi.spyOn(console, name),
  );
  const adapter = stage.logging(log);
  await adapter.start(host);
  stage.say(stage.addressOf(stage.fake.world.family), 'confidential words');
  await host.heard('confidential');
  stage.fault('refused');
  await adapter.deliver(requestOf(stage.direct, textPart('confidential answer'))).catch(() => {});
  await stage.fake.caller.call('x', 'Bearer a.b.c', { text: 'confidential lie' });
  await adapter.stop();
  const logged = JSON.stringify(lines);
  expect(logged).toContain('not from Teams');
  for (const secret of [stage.fake.password, 'confidential', 'token-for', 'eyJ'])
    expect(logged).not.toContain(secret);
  for (const spy of console_) {
    expect(spy).not.toHaveBeenCalled();
    spy.mockRestore();
  }
});

describe('credentials are checked with Microsoft', () => {
  const check = (more: Record<string, string> = {}) =>
    teams.checkCredentials({ env: () => ({ ...stage.env(), ...more }) }, new AbortController().signal);
  const other = '11111111-2222-3333-4444-555555555555';

  test.each([
    [{}, undefined],
    [{ TEAMS_APP_ID: other }, 'TEAMS_APP_ID'],
    [{ TEAMS_APP_ID: 'wharfie' }, 'TEAMS_APP_ID'],
    [{ TEAMS_APP_TENANT_ID: other }, 'TEAMS_APP_TENANT_ID'],
    [{ TEAMS_APP_TENANT_ID: '' }, 'TEAMS_APP_TENANT_ID'],
    [{ TEAMS_APP_PASSWORD: 'wrong~secret.000000000' }, 'TEAMS_APP_PASSWORD'],
  ])('%j', async (more, name) => {
    const problems = await check(more);
    expect(problems.map((problem) => problem.name)).toEqual(name ? [name] : []);
    for (const problem of problems) expect(problem.fix).toContain('portal.azure.com');
  });

  test('an outage is no refusal', async () => {
    stage.fake.http.faults.next(/oauth2/, { kind: 'answer', status: 503 });
    expect(await check()).toMatchObject([{ fix: expect.stringContaining('Try again') }]);
  });
});
