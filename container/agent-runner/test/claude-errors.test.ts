import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { appears, createWorld, type World } from './world.ts';

/** True while some process has this text among its arguments. */
function runs(argument: string): boolean {
  return readdirSync('/proc').some((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(argument);
    } catch {
      return false;
    }
  });
}

describe('the claude provider, when the model or a person says no', () => {
  let world: World;
  afterEach(() => world.close());

  it('stops at /stop: no reply, its programs gone, and the next message is answered', async () => {
    const seconds = String(900_000 + process.pid);
    const command = `touch started; sleep ${seconds}`;
    world = await createWorld([{ tools: [{ name: 'Bash', input: { command } }] }, 'still here']);
    const first = world.session.say('take your time');
    const runner = world.start();
    await appears(world.session.path('agent/started'));
    expect(runs(seconds)).toBe(true);
    world.session.setStatus(first, 'cancelled');
    runner.ring();
    await runner.until(() => world.session.ack(first) === 'failed');
    const second = world.session.say('hello?');
    runner.ring();
    await runner.until(() => world.session.ack(second) === 'done');
    expect(world.session.texts()).toEqual(['still here']);
    expect(runs(seconds)).toBe(false);
  });

  it('fails with one plain sentence where waiting does not help', async () => {
    world = await createWorld([{ status: 402, message: 'secret detail' }, 'fine again']);
    const first = world.session.say('hello');
    const runner = world.start();
    await runner.until(() => world.session.ack(first) === 'failed');
    const second = world.session.say('and now?');
    runner.ring();
    await runner.until(() => world.session.ack(second) === 'done');
    expect(world.session.texts()).toEqual([expect.stringContaining('billing problem'), 'fine again']);
  });

  it('waits where it does, and says so: a refused key costs the message nothing', async () => {
    let refused = true;
    world = await createWorld(() => (refused ? { status: 401 } : 'let in'));
    const id = world.session.say('hello');
    const runner = world.start();
    await runner.until(() => runner.log().includes('"errorClass":"authentication"'));
    refused = false;
    await runner.until(() => world.session.ack(id) === 'done');
    expect(world.session.texts()).toEqual([
      expect.stringContaining('does not accept my credential'),
      'let in',
    ]);
  });

  it('an answer without any text is an error, not a silence', async () => {
    world = await createWorld(() => ({ text: '' }));
    const id = world.session.say('hello');
    const runner = world.start();
    await runner.until(() => world.session.ack(id) === 'failed');
    expect(world.session.texts()).toEqual([expect.stringContaining('without an answer')]);
  });

  it('answers one message after the other that were said at once in two chats', async () => {
    world = await createWorld((call) => `answer ${call.n}`);
    world.session.say('here', { chat: 'cli:one' });
    const last = world.session.say('there', { chat: 'cli:two' });
    const runner = world.start();
    await runner.until(() => world.session.ack(last) === 'done');
    expect(world.session.out().map((row) => [row.platform_id, row.content.text])).toEqual([
      ['cli:one', 'answer 0'],
      ['cli:two', 'answer 1'],
    ]);
  });
});
