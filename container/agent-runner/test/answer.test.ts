import { writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { Answer, Script } from '../../../test/fakes/messages-api.ts';
import { eventually } from '../../../test/system/eventually.ts';
import { createWorld, type World } from './world.ts';

const bash = (text: string, command = 'echo saved'): Answer => ({
  text,
  tools: [{ name: 'Bash', input: { command } }],
});
const tool = (text: string, name: string, input: Record<string, unknown>): Answer => ({
  text,
  tools: [{ name: `mcp__wharfie__${name}`, input }],
});
const ANSWER = 'THE ANSWER IS 42, with all the reasons.';
const long = (word: string) => `${word} ${'and so on '.repeat(40)}${word}.`;

describe('what is said of a turn, with the real program', () => {
  let world: World;
  afterEach(() => world.close());

  /** Says "hello" and gives back what the chat got, once the message has ended so. */
  async function saidBy(script: Script, status: 'done' | 'failed' = 'done'): Promise<unknown[]> {
    world = await createWorld(script);
    const id = world.session.say('hello');
    const runner = world.start();
    await runner.until(() => ['done', 'failed'].includes(world.session.ack(id) ?? ''));
    expect(world.session.ack(id)).toBe(status);
    return world.session.texts();
  }

  const cases: [string, Script, unknown[]][] = [
    [
      'an answer before a tool call, above the shorter closing word',
      [bash(ANSWER), 'Saved that to my notes.'],
      [`${ANSWER}\n\nSaved that to my notes.`],
    ],
    ['an answer before a tool call, where nothing follows', [bash(ANSWER), {}, {}], [ANSWER]],
    ['the second try where the first was empty', [bash('Let me see.'), {}, 'Here it is.'], ['Here it is.']],
    [
      'one text where the output limit cut it',
      [{ text: 'FIRST HALF, cut at mid', stopReason: 'max_tokens' }, 'dle. SECOND HALF.'],
      ['FIRST HALF, cut at middle. SECOND HALF.'],
    ],
    [
      'one text where the stream broke',
      // A client that read the end together with the words drops them and asks again, without them.
      ({ messages }) =>
        messages.some(({ text }) => text.includes('BROKEN HALF'))
          ? 'dle. OTHER HALF.'
          : { broken: 'cut-after-block', text: 'BROKEN HALF, cut at mid' },
      ['BROKEN HALF, cut at middle. OTHER HALF.'],
    ],
    [
      'of two notes the longest, and the other if it is long',
      [bash(long('one')), bash(`${long('two')} Longest.`), 'Done.'],
      [`${long('one')}\n\n${long('two')} Longest.\n\nDone.`],
    ],
    [
      'no short notes beside a longer reply',
      [bash('Let me look.'), bash('And there.'), 'It is in the garden.'],
      ['It is in the garden.'],
    ],
    ['nothing of what it thinks', [{ thinking: long('secret'), text: 'Hi.' }], ['Hi.']],
    ['nothing of what was declined', [{ text: long('forbidden'), stopReason: 'refusal' }, 'No.'], ['No.']],
    [
      'a note once that was sent already',
      [tool(ANSWER, 'send_message', { text: `**Note** ${ANSWER}` }), 'Sent.'],
      [`**Note** ${ANSWER}`, 'Sent.'],
    ],
    [
      'nothing where silence was chosen, whatever was noted',
      [bash(long('noted')), tool(long('more'), 'stay_silent', { reason: 'none due' })],
      [],
    ],
  ];
  it('says each of these, one turn after the other', async () => {
    world = await createWorld([]);
    const runner = world.start();
    for (const [name, script, texts] of cases) {
      const before = world.session.texts().length;
      world.api.setScript(script);
      const id = world.session.say('hello');
      runner.ring();
      await runner.until(() => ['done', 'failed'].includes(world.session.ack(id) ?? ''));
      expect([world.session.ack(id), world.session.texts().slice(before)], name).toEqual(['done', texts]);
    }
  }, 180_000);

  it('says nothing of what a subagent writes', async () => {
    const task = { description: 'look', prompt: 'look', subagent_type: 'general-purpose' };
    const texts = await saidBy(({ system, toolResults, tools }) => {
      if (!system.includes('You are Andy')) {
        return toolResults.length === 0 && tools.includes('Bash') ? bash(long('inner note')) : 'INNER END';
      }
      return toolResults.length > 0 ? 'All is well.' : { tools: [{ name: 'Agent', input: task }] };
    });
    expect(texts).toEqual(['All is well.']);
    expect(world.api.calls.length).toBeGreaterThan(2);
  });

  it('keeps a note over a compaction of the conversation', async () => {
    const texts = await saidBy([
      bash(ANSWER),
      { status: 400, message: 'prompt is too long: 210000 tokens > 200000 maximum' },
      '<summary>what was said</summary>',
      'Saved.',
    ]);
    expect(texts).toEqual([`${ANSWER}\n\nSaved.`]);
  });

  it('has a sentence for what is declined, and the conversation goes on', async () => {
    world = await createWorld(({ n }) => {
      if (n === 0) return bash('I looked it up.');
      return n < 3 ? { text: long('forbidden'), stopReason: 'refusal' } : 'I remember.';
    });
    const first = world.session.say('hello');
    const runner = world.start();
    await runner.until(() => world.session.ack(first) === 'failed');
    const second = world.session.say('and now?');
    runner.ring();
    await runner.until(() => world.session.ack(second) === 'done');
    expect(world.session.texts()).toEqual([
      expect.stringMatching(/^I looked it up\.\n\nThe model declined to answer this\. /),
      'I remember.',
    ]);
    expect(
      world.api.calls.at(-1)?.messages.some((message) => message.text.includes('>hello</message>')),
    ).toBe(true);
  });

  it('says all that it wrote at a limit that is not continued, which limit it was, and that a word goes on', async () => {
    const texts = await saidBy(({ n }) => ({ text: `part ${n} `, stopReason: 'max_tokens' }), 'failed');
    expect(texts).toEqual([expect.stringMatching(/^part 0 part 1 part 2 part 3\n\n.*length.*"go on"/)]);
  });

  it('says one answer where a follow-up was pushed into the turn: its note is not lost', async () => {
    world = await createWorld([bash(ANSWER, 'until [ -e go ]; do sleep 0.02; done'), 'And yes.']);
    const first = world.session.say('first');
    const runner = world.start();
    await world.api.callsReach(1);
    const second = world.session.say('second');
    runner.ring();
    await runner.until(() => world.session.ack(second) === 'processing');
    writeFileSync(world.session.path('agent/go'), '');
    await runner.until(() => world.session.ack(second) === 'done');
    expect(world.session.ack(first)).toBe('done');
    expect(world.session.texts()).toEqual([`${ANSWER}\n\nAnd yes.`]);
  });

  it('says a note of a turn that was killed and goes on', async () => {
    world = await createWorld(({ n }) => (n === 0 ? bash(ANSWER, 'sleep 100') : 'Finished.'));
    const id = world.session.say('a long job');
    const first = world.start();
    await eventually(() => world.transcript().includes('sleep 100'), 'the transcript');
    await first.kill();
    const next = world.start({ WHARFIE_INCARNATION: '2' });
    await next.until(() => world.session.ack(id) === 'done');
    expect(world.session.texts()).toEqual([`${ANSWER}\n\nFinished.`]);
  });

  it('says a note of a turn that failed and was tried again', async () => {
    world = await createWorld(({ n, lastUser }) => {
      if (n === 0) return bash(ANSWER);
      return lastUser.includes('You were interrupted') ? 'Finished.' : { status: 529 };
    });
    const id = world.session.say('a long job');
    const runner = world.start();
    await runner.until(() => world.session.ack(id) === 'done');
    expect(world.session.texts()).toEqual([`${ANSWER}\n\nFinished.`]);
  });
});
