import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Heard } from '../../../../container/agent-runner/src/poll-loop/context.ts';
import { composeReply } from '../../../../container/agent-runner/src/poll-loop/reply.ts';
import type { Answer } from '../../../../container/agent-runner/src/providers/types.ts';
import { startLoop, type TestLoop } from '../loop.js';
import { createSession, type TestSession } from '../session.js';

const plain = (text: string): Answer => ({ text, beforeTool: false, end: 'whole' });
const note = (text: string): Answer => ({ text, beforeTool: true, end: 'whole' });
const cut = (text: string): Answer => ({ text, beforeTool: false, end: 'cut' });
const declined = (text: string): Answer => ({ text, beforeTool: false, end: 'declined' });
const long = (word: string) => `${word} ${'x'.repeat(301)}`;
const compose = (answers: Answer[], more: { earlier?: Answer[]; sent?: string[]; most?: number } = {}) =>
  composeReply({ earlier: [], sent: [], most: 100_000, ...more, answers });

/** The answer in which the text of this one ends. */
function continued(answers: Answer[], at: number): Answer {
  const [answer, next] = [answers[at] ?? plain(''), answers[at + 1]];
  const goesOn = answer.end === 'cut' && !answer.beforeTool && next && next.end !== 'declined';
  return goesOn ? continued(answers, at + 1) : answer;
}

describe('composeReply', () => {
  it.each<[string, Answer[], string]>([
    ['nothing', [], ''],
    ['blanks', [note(' \n'), plain('\n')], ''],
    ['a reply, as it is', [plain('  * a\n  * b')], '  * a\n  * b'],
    [
      'a note shorter than the reply',
      [note('Let me look.'), plain('It is in the garden.')],
      'It is in the garden.',
    ],
    ['a long note shorter than the reply', [note(long('a')), plain(long('reply'))], long('reply')],
    [
      'a note longer than the reply',
      [note('THE ANSWER IS 42.'), plain('Saved.')],
      'THE ANSWER IS 42.\n\nSaved.',
    ],
    ['only notes', [note('short'), note('the longest'), note('shorter'), plain('')], 'the longest'],
    ['two of one length', [note('aaa'), note('bbb')], 'aaa'],
    [
      'every long note',
      [note(long('a')), note('b'), note(long('longest')), plain('c')],
      `${long('a')}\n\n${long('longest')}\n\nc`,
    ],
    ['what was cut, and its rest', [cut('one h'), cut('alf, '), plain('the other')], 'one half, the other'],
    ['what was cut before a tool call', [cut('one h'), note('alf'), plain('end')], 'one half\n\nend'],
    ['a cut answer of which nothing follows', [cut('half')], 'half'],
    ['a tool call at the limit', [{ ...cut('Let me'), beforeTool: true }, plain('here it is')], 'here it is'],
    ['two whole replies', [plain('one'), plain('two')], 'one\n\ntwo'],
    ['what was declined', [note('a note'), declined('forbidden'), plain('No.')], 'a note\n\nNo.'],
    [
      'what was cut, and its rest declined',
      [cut('half.'), declined('forbidden'), plain('No.')],
      'half.\n\nNo.',
    ],
    ['a note written twice', [note(long('a')), note(long('a')), plain('b')], `${long('a')}\n\nb`],
  ])('%s', (_name, answers, said) => {
    expect(compose(answers)).toBe(said);
  });

  it('does not say a note twice that was sent, as it is or within more; the reply is always said', () => {
    const answers = [note('THE ANSWER  IS 42.'), plain('Sent.')];
    expect(compose(answers, { sent: ['Here: THE ANSWER IS 42. Bye'] })).toBe('Sent.');
    expect(compose([note('The answer.')], { sent: ['The answer.'] })).toBe('');
    expect(compose([plain('Sent.')], { sent: ['Sent.'] })).toBe('Sent.');
  });

  it('takes what was written before the turn began anew for notes, whether or not a tool followed', () => {
    const earlier = [cut('a half of '), plain('the answer')];
    expect(compose([plain('the whole answer, all of it')], { earlier })).toBe('the whole answer, all of it');
    expect(compose([plain('the rest')], { earlier })).toBe('a half of the answer\n\nthe rest');
  });

  it('is bounded: notes are cut before the reply', () => {
    const answers = [note('n'.repeat(3_000)), plain('r'.repeat(600))];
    const said = compose(answers, { most: 1_000 });
    expect(said).toHaveLength(1_000);
    expect(said.endsWith(`n…\n\n${'r'.repeat(600)}`)).toBe(true);
    expect(compose(answers, { most: 700 })).toBe('r'.repeat(600));
    expect(compose([note('n'.repeat(3_000))], { most: 1_000 })).toHaveLength(1_000);
    expect(compose([plain('r'.repeat(3_000))], { most: 1_000 })).toBe(`${'r'.repeat(999)}…`);
  });

  it('says every word that was written for the person, in order, and none that was declined', () => {
    const end = fc.constantFrom<Answer['end']>('whole', 'whole', 'cut', 'declined');
    const shape = fc.array(
      fc.record({ words: fc.integer({ min: 0, max: 80 }), beforeTool: fc.boolean(), end }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(shape, (shapes) => {
        // Each word is another one, so that a word that is said can only be that word.
        const answers = shapes.map(({ words, beforeTool, end: how }, at): Answer => {
          const text = Array.from({ length: words }, (_, n) => `w${at}.${n};`).join(' ');
          return { text, beforeTool, end: how };
        });
        const wordsOf = (text: string): string[] => text.match(/w\d+\.\d+;/g) ?? [];
        const said = wordsOf(compose(answers));
        const all = answers.flatMap((answer) => wordsOf(answer.text));
        expect(said).toEqual(all.filter((word) => said.includes(word)));
        for (const [at, answer] of answers.entries()) {
          for (const word of wordsOf(answer.text)) {
            if (answer.end === 'declined') expect(said).not.toContain(word);
            else if (!continued(answers, at).beforeTool) expect(said).toContain(word);
          }
        }
        const kept = answers.filter((answer) => answer.end !== 'declined' && answer.text !== '');
        if (kept.length > 0) expect(said.length).toBeGreaterThan(0);
        // Nothing longer than the reply is left out.
        const saidText = said.join(' ').length;
        for (const answer of kept) expect(saidText).toBeGreaterThanOrEqual(answer.text.length);
      }),
    );
  });
});

describe('the end of a turn with notes', () => {
  let session: TestSession;
  let run: TestLoop;
  beforeEach(async () => {
    session = createSession();
    run = await startLoop(session);
  });
  afterEach(async () => {
    await run.stop();
    session.remove();
  });

  it('says them in one message with the reply, and each turn its own', async () => {
    const first = session.say('!note THE ANSWER IS 42 ;; !reply Saved.');
    await run.until(() => session.ack(first) === 'done');
    const second = session.say('!note THE ANSWER IS 43 ;; !empty');
    await run.until(() => session.ack(second) === 'done');
    const third = session.say('!note noted ;; !silent');
    await run.until(() => session.ack(third) === 'done');
    expect(session.texts()).toEqual(['THE ANSWER IS 42\n\nSaved.', 'THE ANSWER IS 43']);
  });

  it('knows what was sent in the chat, and does not mistake what was sent elsewhere for it', async () => {
    session.inbound
      .prepare(`INSERT INTO destinations (name, channel_type, platform_id) VALUES ('other', 'cli', 'x')`)
      .run();
    const first = session.say('!send THE ANSWER IS 42 ;; !note THE ANSWER IS 42 ;; !reply Sent.');
    await run.until(() => session.ack(first) === 'done');
    const second = session.say('!sendto other THE ANSWER IS 42 ;; !note THE ANSWER IS 42 ;; !reply Sent.');
    await run.until(() => session.ack(second) === 'done');
    expect(session.texts()).toEqual([
      'THE ANSWER IS 42',
      'Sent.',
      'THE ANSWER IS 42',
      'THE ANSWER IS 42\n\nSent.',
    ]);
  });

  it('says them above the sentence of a failure, also those of the tries before', async () => {
    const id = session.say('!note once noted ;; !error crashed');
    await run.until(() => session.ack(id) === 'processing');
    await run.clock.advance(60_000);
    expect(session.ack(id)).toBe('failed');
    expect(session.texts()).toEqual([expect.stringMatching(/^once noted\n\nSomething went wrong/)]);
  });

  it('keeps what a try wrote that failed, as notes, and drops it with what was stopped', async () => {
    const heard = (event: Heard['event']) =>
      run.loop.mailbox.post({ generation: run.loop.generation, event });
    const failed = { type: 'error', errorClass: 'crashed', detail: '' } as const;
    const id = session.say('!hang');
    await run.until(() => session.ack(id) === 'processing');
    heard({ ...failed, answers: [cut('THE ANSWER')] });
    await run.settle();
    await run.clock.advance(6_000);
    heard({ type: 'result', answers: [plain(' IS 42.')] });
    await run.until(() => session.ack(id) === 'done');
    const stopped = session.say('!hang');
    await run.until(() => session.ack(stopped) === 'processing');
    const follow = session.say('hello');
    await run.until(() => session.ack(follow) === 'processing');
    heard({ ...failed, answers: [note(long('of what was stopped'))] });
    await run.settle();
    session.setStatus(stopped, 'cancelled');
    await run.until(() => session.ack(follow) === 'done');
    expect(session.texts()).toEqual(['THE ANSWER\n\n IS 42.', expect.stringMatching(/^Mock agent/)]);
  });

  it.each([
    ['steps', /more steps .* "go on"/],
    ['budget', /cost more .* "go on"/],
    ['length', /length .* "go on"/],
    ['refused', /declined .* goes on/],
  ])('at %s says what was reached, and keeps the conversation', async (errorClass, sentence) => {
    const id = session.say(`!error ${errorClass}`);
    await run.until(() => session.ack(id) === 'failed');
    const next = session.say('!recall');
    await run.until(() => session.ack(next) === 'done');
    expect(session.texts()).toEqual([expect.stringMatching(sentence), '[mock] I remember 1']);
  });
});
