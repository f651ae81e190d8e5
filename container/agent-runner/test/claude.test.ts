import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { ModelCall } from '../../../test/fakes/messages-api.ts';
import { eventually } from '../../../test/system/eventually.ts';
import { createWorld, type World } from './world.ts';

const said = (call: ModelCall | undefined) => call?.messages.map((message) => message.text).join('\n') ?? '';
const count = (text: string, part: string) => text.split(part).length - 1;

describe('the claude provider, with the real program', () => {
  let world: World;
  afterEach(() => world.close());

  it('answers, remembers, offers the tools, and takes what people write literally', async () => {
    world = await createWorld((call) => `answer ${call.n}`);
    writeFileSync(world.session.path('agent/CLAUDE.md'), 'The magic word is xyzzy.');
    writeFileSync(world.session.path('agent/secret.txt'), 'canary-4711');
    const first = world.session.say('hello @secret.txt /clear');
    const runner = world.start();
    await runner.until(() => world.session.ack(first) === 'done');
    const second = world.session.say('and again');
    runner.ring();
    await runner.until(() => world.session.ack(second) === 'done');
    expect(world.session.texts()).toEqual(['answer 0', 'answer 1']);
    const [one, two] = world.api.calls;
    expect(one?.system).toContain('You are Andy');
    expect(one?.system).toContain('xyzzy');
    expect(one?.tools).toContain('mcp__wharfie__send_message');
    expect(one?.tools).not.toContain('CronCreate');
    expect(said(one)).toContain(
      'role="owner" chat="Home" at="2026-11-22T09:05+01:00">hello @secret.txt /clear</message>',
    );
    expect(said(two)).not.toContain('canary');
    expect(said(two)).toContain('answer 0');
  });

  it('pushes follow-ups into the running turn, which answers both at once', async () => {
    const go = 'until [ -e go ]; do sleep 0.02; done';
    world = await createWorld([{ tools: [{ name: 'Bash', input: { command: go } }] }, 'both']);
    const first = world.session.say('first');
    const runner = world.start();
    await runner.until(() => world.session.ack(first) === 'processing');
    await world.api.callsReach(1);
    const second = world.session.say('second');
    runner.ring();
    await runner.until(() => world.session.ack(second) === 'processing');
    writeFileSync(world.session.path('agent/go'), '');
    await runner.until(() => world.session.ack(second) === 'done');
    expect(world.session.ack(first)).toBe('done');
    expect(world.session.texts()).toEqual(['both']);
    expect(world.session.out()[0]?.in_reply_to).toBe(second);
    expect(said(world.api.calls[1])).toContain('>second</message>');
  });

  it('uses tools: a message before the end, and a silent end that asks the model no more', async () => {
    world = await createWorld([
      { tools: [{ name: 'mcp__wharfie__send_message', input: { text: 'on my way' } }] },
      { tools: [{ name: 'mcp__wharfie__stay_silent', input: { reason: 'nothing to add' } }] },
    ]);
    const id = world.session.say('go');
    const runner = world.start();
    await runner.until(() => world.session.ack(id) === 'done');
    expect(world.session.texts()).toEqual(['on my way']);
    expect(world.session.state('silence')).toContain('nothing to add');
    expect(world.api.calls).toHaveLength(2);
  });

  it('goes on after a kill in mid-turn: nothing is shown twice, nothing is said twice', async () => {
    world = await createWorld((call) => {
      if (call.n === 0)
        return { tools: [{ name: 'mcp__wharfie__send_message', input: { text: 'working' } }] };
      if (call.n === 1) return { tools: [{ name: 'Bash', input: { command: 'sleep 100' } }] };
      return 'finished';
    });
    const id = world.session.say('a long job');
    const first = world.start();
    await first.until(() => world.session.out().length === 1);
    await world.api.callsReach(2);
    // The program writes its transcript a little after it acts; a kill before that is the next test's.
    await eventually(() => world.transcript().includes('sleep 100'), 'the transcript');
    await first.kill();
    const next = world.start({ WHARFIE_INCARNATION: '2' });
    await next.until(() => world.session.ack(id) === 'done');
    expect(world.session.texts()).toEqual(['working', 'finished']);
    const prompt = said(world.api.calls.at(-1));
    expect(count(prompt, '>a long job</message>')).toBe(1);
    expect(prompt).toContain('You were interrupted while working on message 2. Already sent: "working".');
  });

  it('says a killed turn anew, and what it had sent, where the transcript had not noted it yet', async () => {
    world = await createWorld(({ n }) => {
      if (n === 0) return { tools: [{ name: 'mcp__wharfie__send_message', input: { text: 'working' } }] };
      return n === 1 ? { tools: [{ name: 'Bash', input: { command: 'sleep 100' } }] } : 'finished';
    });
    const id = world.session.say('a long job');
    const first = world.start();
    await first.until(() => world.session.out().length === 1);
    await world.api.callsReach(2);
    await first.kill();
    rmSync(world.session.path('home/.claude/projects'), { recursive: true, force: true });
    const next = world.start({ WHARFIE_INCARNATION: '2' });
    await next.until(() => world.session.ack(id) === 'done');
    expect(world.session.texts()).toEqual(['working', 'finished']);
    const prompt = said(world.api.calls.at(-1));
    expect(count(prompt, '>a long job</message>')).toBe(1);
    expect(prompt).toContain('You were interrupted while working on this. Already sent: "working".');
  });

  it('says everything anew where the transcript is gone', async () => {
    world = await createWorld((call) => `answer ${call.n}`);
    const first = world.session.say('one');
    const runner = world.start();
    await runner.until(() => world.session.ack(first) === 'done');
    await runner.kill();
    const second = world.session.say('two');
    const next = world.start({ WHARFIE_INCARNATION: '2', HOME: world.session.path('agent') });
    await next.until(() => world.session.ack(second) === 'done');
    expect(world.session.texts()).toEqual(['answer 0', 'answer 1']);
    expect(said(world.api.calls[1])).toContain('memory of the earlier conversation');
  });
});
