import { expect, it, onTestFinished } from 'vitest';
import { createStage } from '../system/crash-matrix/stage.js';
import { echo } from '../system/crash-matrix/tally.js';
import { eventually } from '../system/eventually.js';
import { stepHere } from '../system/steps-here.js';

/** Several starts of a host, on a machine that may be busy. */
const LONGEST = { timeout: 180_000 };
const WORD =
  /^I couldn't read a message here \(sent at .*\)\. I've put it aside, and the person who runs me can look at it\.$/;

it(
  'a message that cannot be read is set aside, live and in the history, and its chat goes on',
  LONGEST,
  async () => {
    const stage = await createStage({ chats: 1 });
    onTestFinished(() => stage.close());
    const [chat = stage.terminal] = stage.chats;
    const { fake } = stage.platform;
    const words = () => chat.said().filter((text) => WORD.test(text)).length;
    const answered = (mark: string) => eventually(() => chat.said().some((text) => text.includes(mark)));
    const answers = (mark: string) => {
      chat.ask(echo(mark));
      return answered(mark);
    };

    const first = await stage.start();
    await answers('m1');
    fake.say(fake.world.general, 'live', { garbled: true });
    await answers('m2');
    await eventually(() => words() === 1);
    await first.stop();

    fake.say(fake.world.general, 'in the history', { garbled: true });
    chat.ask(echo('m3'));
    const second = await stage.start();
    await answered('m3');
    await eventually(() => words() === 2);
    const { fields } = await stepHere(stage.home, 'messages', '--set-aside');
    const told = { channel: 'discord', failures: 3, reason: expect.stringContaining('null'), kept: true };
    expect(fields).toMatchObject({ COUNT: 2, MESSAGES: [told, told] });
    expect((await stepHere(stage.home, 'status')).fields).toMatchObject({ SET_ASIDE: 2 });

    const id = /aside_[0-9a-f]{20}/.exec(JSON.stringify(fields.MESSAGES))?.[0] ?? '';
    const retried = await stepHere(stage.home, 'messages', '--retry', id);
    expect(retried).toMatchObject({ exitCode: 1, fields: { ERROR: 'message-unreadable' } });
    await stepHere(stage.home, 'messages', '--discard', id);
    await second.stop();

    const third = await stage.start();
    await answers('m4');
    expect(words()).toBe(2);
    expect((await stepHere(stage.home, 'messages', '--set-aside')).fields).toMatchObject({ COUNT: 1 });
    await third.stop();
  },
);
