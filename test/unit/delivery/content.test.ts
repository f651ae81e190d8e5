import { linkSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UNKNOWN } from '../../../src/db/inbound/behind.js';
import { settleMessage } from '../../../src/db/inbound/message-status.js';
import { insertMessage } from '../../../src/db/inbound/messages-in.js';
import { chat } from '../db/inbound-file.js';
import { channelError, createWorld, until, type World } from './world.js';

const here = { channelType: 'fake', platformId: 'fake:1', threadId: '' };

const receive = (world: World, platformMessageId: string, content = {}) =>
  world.manager.write(world.session.id, (db) => {
    const base = chat(platformMessageId, { address: here });
    return insertMessage(db, { ...base, content: { ...base.content, ...content } });
  });

describe('files', () => {
  it('go with the last part of the text', async () => {
    const world = createWorld({ max: 5 });
    world.writeFile('a.txt', 'AAA');
    world.container.put({ text: 'hello world', files: [{ path: 'a.txt', name: '../etc/a\u202e.txt' }] });
    await world.drain();
    await until(() => world.channel.arrived.length === 3);
    expect(world.channel.arrived.map((one) => one.files)).toEqual([[], [], ['a.txt=AAA']]);
  });

  it('go alone where there is no text', async () => {
    const world = createWorld();
    world.writeFile('a.txt', 'AAA');
    world.container.put({ text: '', files: [{ path: 'a.txt', name: 'a.txt' }] });
    await world.drain();
    await until(() => world.channel.arrived.length === 1);
    expect(world.channel.arrived[0]).toMatchObject({ said: '', files: ['a.txt=AAA'] });
  });

  it('that a channel does not take are left out of a text: it arrives, chat and agent are told', async () => {
    const world = createWorld({ capabilities: { files: false } });
    world.channel.behave = ({ part }) =>
      part.type === 'text' && part.files.length > 0 ? channelError('permanent') : 'ok';
    world.writeFile('a.txt', 'AAA');
    world.container.put({ text: 'here', files: [{ path: 'a.txt', name: 'a.txt' }] });
    await world.drain();
    await until(() => world.channel.arrived.length === 2);
    expect(world.said()).toEqual(['here', `I couldn't attach the file "a.txt".`]);
    expect(world.news()).toEqual([expect.stringContaining('"a.txt" of your message 1 was left out')]);
  });

  it('that lead out of the folder are left out: the text arrives, chat and agent are told', async () => {
    const world = createWorld();
    const secret = join(world.home, 'secret');
    writeFileSync(secret, 'SECRET');
    world.writeFile('good.txt', 'good');
    const { filesOut } = world.manager.paths(world.session);
    symlinkSync(secret, join(filesOut, 'link'));
    linkSync(secret, join(filesOut, 'hard'));
    const files = ['link', 'hard', '../../in/inbound.db', 'good.txt'].map((path) => ({ path, name: path }));
    world.container.put({ text: 'here', files });
    await world.drain();
    await until(() => world.channel.arrived.length === 4);
    expect(world.channel.arrived[0]).toMatchObject({ said: 'here', files: ['good.txt=good'] });
    expect(world.said().slice(1)).toEqual(
      ['link', 'hard', 'inbound.db'].map((name) => `I couldn't attach the file "${name}".`),
    );
    expect(world.news()).toHaveLength(3);
    expect(JSON.stringify(world.channel.asked.map((one) => one.part))).not.toContain('SECRET');
  });

  it('that are all there was to say and cannot be read end the message', async () => {
    const world = createWorld();
    world.container.put({ text: '', files: [{ path: 'missing', name: 'missing' }] });
    await world.drain();
    await until(() => world.channel.arrived.length === 1);
    expect(world.ledger()[0]).toMatchObject({ state: 'dead' });
    expect(world.news()[0]).toContain('There is no file');
  });
});

describe('edits and reactions', () => {
  it('reach the messages that the agent means by their numbers, its own and those it received', async () => {
    const world = createWorld();
    const { seq } = await receive(world, 'from-ada');
    const own = world.container.say('own');
    world.container.put({ operation: 'edit', messageId: own, text: 'better' });
    world.container.put({ operation: 'reaction', messageId: seq, emoji: '👍' });
    world.container.put({ operation: 'reaction', messageId: own, emoji: '🎉' });
    await world.drain();
    expect(world.said()).toEqual(['own', 'edit m1: better', 'react from-ada: 👍', 'react m1: 🎉']);
  });

  it('change every part of a long message', async () => {
    const world = createWorld({ max: 4 });
    const own = world.container.say('aaaabbbbcc');
    world.container.put({ operation: 'edit', messageId: own, text: 'xxxxy' });
    world.container.put({ operation: 'edit', messageId: own, text: '1111222233334444' });
    await world.drain();
    expect(world.said().slice(3)).toEqual([
      ...['edit m1: xxxx', 'edit m2: y', 'edit m3: …'],
      ...['edit m1: 1111', 'edit m2: 2222', 'edit m3: 3333', '4444'],
    ]);
  });

  it('wait behind the message they are about, in its chat', async () => {
    const world = createWorld();
    world.channel.behave = ({ to }) => (to.platformId === 'fake:2' ? 'hang' : 'ok');
    const own = world.container.say('elsewhere', { to: 'fake:2' });
    world.container.put({ operation: 'edit', messageId: own, text: 'better' });
    await world.drain();
    expect(world.said()).toEqual([]);
    world.channel.behave = () => 'ok';
    world.channel.release();
    await until(() => world.channel.arrived.length === 2);
    expect(world.channel.arrived.map((one) => [one.platformId, one.said])).toEqual([
      ['fake:2', 'elsewhere'],
      ['fake:2', 'edit m1: better'],
    ]);
  });

  it('of what never arrived, of others, or of nothing are refused', async () => {
    const world = createWorld();
    const { seq } = await receive(world, 'from-ada');
    world.container.put({ operation: 'edit', messageId: seq, text: 'forged' });
    world.container.put({ operation: 'edit', messageId: 99, text: 'nothing' });
    world.container.put({ operation: 'reaction', messageId: 98, emoji: '👍' });
    await world.drain();
    expect(world.channel.asked).toEqual([]);
    expect(world.ledger().map((row) => row.state)).toEqual(['dead', 'dead', 'dead']);
    expect(world.news()).toHaveLength(3);
  });

  it('are said anew where a platform cannot edit, and left out where it has no reactions', async () => {
    const world = createWorld({ capabilities: { edits: false, reactions: false } });
    const own = world.container.say('own');
    world.container.put({ operation: 'edit', messageId: own, text: 'better' });
    world.container.put({ operation: 'reaction', messageId: own, emoji: '🎉' });
    await world.drain();
    expect(world.channel.arrived.map((one) => [one.said, one.replyTo])).toEqual([
      ['own', null],
      ['better', 'm1'],
    ]);
    expect(world.news()).toEqual([expect.stringContaining('Your reaction 5 could not be made')]);
  });
});

describe('other content', () => {
  it('is handed to the channel as it is', async () => {
    const world = createWorld();
    const options = [{ label: 'Yes', value: 'y' }];
    world.container.put({ type: 'ask_question', questionId: 'q_1', title: 'T', question: 'Sure?', options });
    world.container.put({ type: 'card', card: { title: 'x' }, fallbackText: 'x' });
    await world.drain();
    expect(world.said()).toEqual(['ask: Sure?', 'card: x']);
  });

  it('a question is known before it is sent, with the chat that it goes to; not where it may not go', async () => {
    const world = createWorld();
    const options = [{ label: 'Yes', value: 'y' }];
    const question = { type: 'ask_question', questionId: 'q_1', title: 'T', question: 'Sure?', options };
    world.container.put({ ...question, timeoutMs: 5 }, { to: 'fake:2', threadId: 't' });
    world.container.put(question, { to: 'fake:9' });
    await world.drain();
    expect(world.asked).toEqual([
      {
        ...{
          sessionId: world.session.id,
          messageKey: 'out:out_1',
          questionId: 'q_1',
          question: 'T: Sure?',
          options,
        },
        to: { channelType: 'fake', platformId: 'fake:2', threadId: 't' },
        // No message of anybody is open there.
        ...{ askedFor: 'asker', behind: UNKNOWN },
        timeoutMs: 5,
      },
    ]);
  });

  it('a question is asked because of everybody in its turn, also where the turn ends in the same moment', async () => {
    const world = createWorld();
    const of = (id: string, role: 'owner' | 'guest', threadId = '') =>
      chat(id, {
        address: { channelType: 'fake', platformId: 'fake:1', threadId },
        sender: { id: `fake:${id}`, name: 'Ada', role },
      });
    for (const row of [of('eve', 'guest'), of('ada', 'owner'), of('elsewhere', 'guest', 't')]) {
      const { id } = await world.manager.write(world.session.id, (db) => insertMessage(db, row));
      world.container.ack(id, 'done');
    }
    const options = [{ label: 'Yes', value: 'y' }];
    const question = { type: 'ask_question', questionId: 'q_1', title: '', question: 'Sure?', options };
    world.container.put({ ...question, for: 'admin' });
    await world.drain();
    expect(world.asked).toMatchObject([
      {
        askedFor: 'admin',
        behind: { lowest: 'guest', highest: 'owner', ids: ['fake:eve', 'fake:ada'] },
      },
    ]);
    // A turn of which the host knows nothing else: the message that it answers counts.
    const { id } = await world.manager.write(world.session.id, (db) =>
      insertMessage(db, of('late', 'owner')),
    );
    await world.manager.write(world.session.id, (db) => settleMessage(db, id, 'cancelled'));
    world.container.put(question, { inReplyTo: id });
    await world.drain();
    expect(world.asked.at(-1)?.behind).toEqual({ lowest: 'owner', highest: 'owner', ids: ['fake:late'] });
  });

  it('answers a message of the same chat and thread, but no click, reaction or other chat', async () => {
    const world = createWorld();
    const message = await receive(world, 'a');
    const click = await receive(world, 'b', { event: 'click' });
    world.container.say('1', { inReplyTo: message.id });
    world.container.say('2', { inReplyTo: click.id });
    world.container.say('3', { inReplyTo: message.id, threadId: 't' });
    world.container.say('4', { inReplyTo: 'forged' });
    await world.drain();
    const replies = world.channel.arrived.map((one) => [one.said, one.replyTo]);
    expect(replies.sort()).toEqual([
      ['1', 'a'],
      ['2', null],
      ['3', null],
      ['4', null],
    ]);
  });

  it('that the channel chokes on is given up and holds up nothing', async () => {
    const world = createWorld();
    const { splitText } = world.channel.adapter;
    world.channel.adapter.splitText = (text) => {
      if (text === 'odd') throw new RangeError('secret text');
      return splitText(text);
    };
    world.container.say('odd');
    world.container.say('good');
    await world.drain();
    expect(world.said().at(-1)).toBe('good');
    expect(world.news()[0]).toContain('could not make a message of it');
  });

  it('that is nothing, or a flood, is not sent', async () => {
    const world = createWorld({ max: 1 });
    world.channel.behave = () => 'ok';
    world.container.say('  \n ');
    world.container.say('x'.repeat(51));
    await world.drain();
    const own = world.ledger().filter((row) => row.key.startsWith('out:'));
    expect(own.map((row) => row.state)).toEqual(['dead', 'dead']);
  });
});
