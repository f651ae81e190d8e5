import { expect } from 'vitest';
import { createBotGuard } from '../../../src/router/bot-guard.js';
import type { Posting } from '../../fakes/webhook-sender.js';
import type { ContractCase } from '../contract.js';
import { groupOf } from './intake.js';
import { type RecordingHost, requestOf, type Stage, textPart } from './stage.js';

async function post(stage: Stage, { headers, body }: Posting): Promise<number> {
  const url = stage.webhooks?.url(stage.adapter.channelType) ?? '';
  return (await fetch(url, { method: 'POST', headers, body })).status;
}

/** Makes a request of something said, where this platform calls. */
const postingOf = (stage: Stage, text: string) =>
  stage.webhooks?.port() == null ? undefined : stage.posting?.(stage.direct, text);

async function again(stage: Stage, host: RecordingHost): Promise<void> {
  const posting = postingOf(stage, 'twice');
  if (posting) {
    for (let time = 0; time < 2; time += 1) expect(await post(stage, posting)).toBeLessThan(300);
    return;
  }
  const before = stage.say(stage.direct, 'before', { unheard: true });
  stage.say(stage.direct, 'twice');
  await host.heard('twice');
  const { signal } = new AbortController();
  for await (const event of stage.adapter.fetchSince?.(stage.direct.platformId, before, signal) ?? []) {
    await host.receive(event);
  }
}

/** What comes more than once, in another order, or from others than people. */
export const repeatedCases = {
  // The router's unique index on this id makes one of them (test/system/crash-matrix, test/unit/router).
  async 'the same event twice has the same id, so that it is one message'(stage, host) {
    await stage.adapter.start(host);
    await again(stage, host);
    const twice = host.events.filter((event) => event.text.includes('twice'));
    expect(twice).not.toEqual([]);
    expect(new Set(twice.map((event) => `${event.platformId} ${event.messageId}`)).size).toBe(1);
  },

  async 'events out of order are taken in, each with its own id and time'(stage, host) {
    await stage.adapter.start(host);
    const first = postingOf(stage, 'first');
    await stage.clock.advance(2000);
    const second = postingOf(stage, 'second');
    if (!first || !second) throw new Error('this platform keeps the order: name the case in `cannot`');
    for (const posting of [second, first]) expect(await post(stage, posting)).toBeLessThan(300);
    const [late, early] = await Promise.all([host.heard('second'), host.heard('first')]);
    expect(late.messageId).not.toBe(early.messageId);
    expect(late.at).toBeGreaterThanOrEqual(early.at);
  },

  // What the router does with the guard: test/unit/router/wired.test.ts.
  async 'two bots in one chat stop after six turns, until a person speaks'(stage, host) {
    const group = groupOf(stage);
    await stage.adapter.start(host);
    const guard = createBotGuard(stage.clock);
    for (let turn = 0; turn < 7; turn += 1) {
      stage.say(group, `turn ${turn}`, { fromBot: true, mention: true });
      const event = await host.heard(`turn ${turn}`);
      expect(event.sender).toMatchObject({ isBot: true, self: false });
      expect(guard.allow(event.platformId, 'wiring')).toBe(turn < 6);
      await stage.adapter.deliver(requestOf(group, textPart(`answer ${turn}`)));
    }
    expect(host.events).toHaveLength(7);
    stage.say(group, 'stop it, you two', { mention: true });
    const person = await host.heard('stop it');
    expect(person.sender.isBot).toBe(false);
    guard.person(person.platformId);
    expect(guard.allow(person.platformId, 'wiring')).toBe(true);
  },

  async 'a click tells who clicked, by the same id as what they say'(stage, host) {
    await stage.adapter.start(host);
    stage.say(stage.direct, 'ask me');
    const { sender } = await host.heard('ask me');
    const options = [
      { label: 'Yes', value: 'yes' },
      { label: 'No', value: 'no' },
    ];
    const question = { type: 'question', questionId: 'q_2', title: '', question: 'Well?', options } as const;
    const { messageIds } = await stage.adapter.deliver(requestOf(stage.direct, { ...question, options }));
    stage.click(stage.direct, messageIds[0] ?? '', 'No');
    const click = await host.until(() => host.events.find((event) => event.kind === 'click'));
    expect(click.sender).toMatchObject({ id: sender.id, isBot: false, self: false });
    expect(click.platformId).toBe(stage.direct.platformId);
  },
} satisfies Record<string, ContractCase>;
