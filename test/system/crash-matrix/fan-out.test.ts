import { expect, it, onTestFinished } from 'vitest';
import { createStage } from './stage.js';
import { echo } from './tally.js';

it('a fan-out that a crash interrupts is completed, and who had the message does not get it again', {
  timeout: 120_000,
}, async () => {
  const stage = await createStage({ chats: 1 });
  onTestFinished(() => stage.close());
  const [chat = stage.terminal] = stage.chats;
  stage.alsoWire('second');
  const times = () => chat.said().filter((text) => text.includes('hey agents')).length;
  const host = await stage.start({ WHARFIE_CRASH_AT: 'intake:after-commit#1' });
  chat.ask({ text: 'hey agents', sends: [], replies: [] });
  expect(await host.exited).toBe(null);
  const next = await stage.start();
  chat.ask(echo('m2'));
  await stage.settled();
  await next.stop();
  expect(times()).toBe(2);
});
