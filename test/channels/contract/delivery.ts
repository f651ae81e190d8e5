import { expect } from 'vitest';
import type { ChannelError } from '../../../src/channels/adapter.js';
import { sizeOf } from '../../../src/channels/split/index.js';
import type { ContractCase } from '../contract.js';
import { requestOf, type Stage, sha256, textPart } from './stage.js';

/** The error that a delivery ends with. */
async function failure(delivery: Promise<unknown>): Promise<ChannelError> {
  const error: unknown = await delivery.then(
    () => new Error('it was delivered'),
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ name: 'ChannelError' });
  return error as ChannelError;
}

const texts = (stage: Stage) => stage.heard(stage.direct).map((heard) => heard.text);

/** What the host says, as the platform gets it. */
export const deliveryCases = {
  async 'a text arrives and its ids come back'(stage, host) {
    await stage.adapter.start(host);
    const { messageIds } = await stage.adapter.deliver(requestOf(stage.direct, textPart('good morning')));
    const heard = stage.heard(stage.direct);
    expect(heard.map((one) => one.text)).toEqual(['good morning']);
    expect(messageIds).toEqual(heard.map((one) => one.id));
  },

  async 'a reply names what it answers'(stage, host) {
    const chat = stage.group ?? stage.direct;
    await stage.adapter.start(host);
    const question = stage.say(chat, 'what time is it?', { mention: true });
    await host.heard('what time');
    await stage.adapter.deliver(requestOf(chat, textPart('noon', question)));
    expect(stage.heard(chat)[0]).toMatchObject({ text: 'noon', replyTo: question });
  },

  async 'a reply in a thread stays in it'(stage, host) {
    await stage.adapter.start(host);
    const thread = stage.thread();
    await stage.adapter.deliver(requestOf(thread, textPart('aside')));
    expect(stage.heard(thread).map((heard) => heard.text)).toEqual(['aside']);
  },

  async 'a file goes with equal bytes'(stage, host) {
    await stage.adapter.start(host);
    const data = Buffer.from(Uint8Array.from({ length: 70_000 }, (_, at) => (at * 13) % 256));
    const files = [{ name: 'chart ü.png', mimeType: 'image/png', data }];
    await stage.adapter.deliver(
      requestOf(stage.direct, { type: 'text', text: 'the chart', files, replyTo: null }),
    );
    expect(stage.heard(stage.direct)[0]?.files).toEqual([{ name: 'chart ü.png', sha256: sha256(data) }]);
  },

  async 'an edit changes the message'(stage, host) {
    await stage.adapter.start(host);
    const { messageIds } = await stage.adapter.deliver(requestOf(stage.direct, textPart('tonigth')));
    const messageId = messageIds[0] ?? '';
    await stage.adapter.deliver(requestOf(stage.direct, { type: 'edit', messageId, text: 'tonight' }));
    expect(texts(stage)).toEqual(['tonight']);
  },

  async 'a reaction is put under the message'(stage, host) {
    await stage.adapter.start(host);
    const messageId = stage.say(stage.direct, 'look');
    await host.heard('look');
    const { messageIds } = await stage.adapter.deliver(requestOf(stage.direct, textPart('seen')));
    for (const [target, emoji] of [
      [messageId, '👀'],
      [messageIds[0] ?? '', ':thumbs_up:'],
    ] as const) {
      await stage.adapter.deliver(requestOf(stage.direct, { type: 'reaction', messageId: target, emoji }));
    }
    expect(stage.heard(stage.direct)[0]?.reactions).toEqual(['👍']);
  },

  async 'a card, or its text where it is none'(stage, host) {
    await stage.adapter.start(host);
    const card = { title: 'Weather', text: 'Sunny', fields: [{ label: 'High', value: '24' }] };
    await stage.adapter.deliver(requestOf(stage.direct, { type: 'card', card, fallbackText: 'Sunny, 24' }));
    const odd = { blocks: [{ html: '<b>' }] };
    await stage.adapter.deliver(requestOf(stage.direct, { type: 'card', card: odd, fallbackText: 'Rain' }));
    expect(stage.heard(stage.direct)).toHaveLength(2);
    expect(texts(stage)[1]).toBe('Rain');
  },

  async 'a long text arrives whole, in parts that each fit'(stage, host) {
    await stage.adapter.start(host);
    const { textLimit } = stage.adapter.capabilities;
    const code = Array.from({ length: 150 }, (_, at) => `  const value${at} = "👩‍👩‍👧 ${at}";`).join('\n');
    const filling = 'word 🎉 [link](https://example.com/a_b) ';
    const links = Math.max(120, Math.ceil((1.2 * textLimit.max) / filling.length));
    const text = `Intro\n\n\`\`\`ts\n${code}\n\`\`\`\n\n${filling.repeat(links)}`;
    const parts = stage.adapter.splitText(text);
    expect(parts.length).toBeGreaterThan(1);
    expect(parts).toEqual(stage.adapter.splitText(text));
    for (const part of parts) await stage.adapter.deliver(requestOf(stage.direct, textPart(part)));
    const arrived = texts(stage);
    expect(arrived).toHaveLength(parts.length);
    for (const { text: part, sent = part } of stage.heard(stage.direct)) {
      expect(sizeOf(sent, textLimit.unit)).toBeLessThanOrEqual(textLimit.max);
      expect((part.match(/^```/gm)?.length ?? 0) % 2).toBe(0);
    }
    const joined = arrived.join('\n');
    for (const at of [0, 75, 149]) expect(joined).toContain(`value${at} = "👩‍👩‍👧 ${at}"`);
    expect(joined.match(/\[link\]\(https:\/\/example\.com\/a_b\)/g)).toHaveLength(links);
  },

  async 'markup that the platform refuses is said plainly'(stage, host) {
    await stage.adapter.start(host);
    stage.fault('markup-refused');
    await stage.adapter.deliver(requestOf(stage.direct, textPart('half *bold')));
    expect(texts(stage)).toEqual(['half *bold']);
  },

  async 'a rate limit tells how long to wait'(stage, host) {
    await stage.adapter.start(host);
    stage.fault('rate-limited');
    const error = await failure(stage.adapter.deliver(requestOf(stage.direct, textPart('too fast'))));
    expect(error).toMatchObject({ errorClass: 'rate-limited', retryAfterMs: 7000 });
    expect(texts(stage)).toEqual([]);
  },

  async 'an outage is transient, and over when it is over'(stage, host) {
    await stage.adapter.start(host);
    const request = requestOf(stage.direct, textPart('patience'));
    for (let minute = 0; minute < 5; minute += 1) {
      stage.fault('outage');
      expect((await failure(stage.adapter.deliver(request))).errorClass).toBe('transient');
      await stage.clock.advance(1000);
    }
    await stage.adapter.deliver(request);
    expect(texts(stage)).toEqual(['patience']);
  },

  async 'a refusal is permanent, and says what to do'(stage, host) {
    await stage.adapter.start(host);
    stage.fault('refused');
    const error = await failure(stage.adapter.deliver(requestOf(stage.direct, textPart('no'))));
    expect(error.errorClass).toBe('permanent');
    expect(error.fix).not.toBe('');
    expect(stage.adapter.health()).toEqual({ state: 'connected' });
  },

  async 'a connection cut in the middle of a send is settled without saying it twice'(stage, host) {
    await stage.adapter.start(host);
    for (const [fault, text] of [
      ['cut-after', 'arrived'],
      ['cut-before', 'lost'],
    ] as const) {
      stage.fault(fault);
      const request = requestOf(stage.direct, textPart(text));
      const sentAt = stage.clock.now();
      expect((await failure(stage.adapter.deliver(request))).errorClass).toBe('unknown');
      const found = await stage.adapter.findSent?.(request, sentAt);
      const arrived = stage.heard(stage.direct).filter((heard) => heard.text === text);
      if (stage.adapter.capabilities.history) {
        expect(found ?? null).toEqual(arrived[0] ? { messageIds: [arrived[0].id] } : null);
      }
      const { idempotency, history } = stage.adapter.capabilities;
      // Where neither tells, it stays unknown, and nothing is sent again.
      const settled = idempotency || history;
      if (settled && (idempotency || !found)) await stage.adapter.deliver(request);
      expect(texts(stage).filter((said) => said === text)).toHaveLength(settled ? 1 : arrived.length);
    }
  },

  async 'a deadline ends a send whose outcome is then unknown'(stage, host) {
    await stage.adapter.start(host);
    const ending = new AbortController();
    stage.fault('hang');
    const delivery = stage.adapter.deliver(
      requestOf(stage.direct, textPart('no answer'), { signal: ending.signal }),
    );
    const ended = failure(delivery);
    ending.abort();
    expect((await ended).errorClass).toBe('unknown');
  },

  async 'typing is shown'(stage, host) {
    await stage.adapter.start(host);
    // Some platforms show it as what happens with a message.
    stage.say(stage.direct, 'a question');
    await host.heard('a question');
    await stage.adapter.setTyping(stage.direct);
    expect(stage.typing()).toBe(1);
  },
} satisfies Record<string, ContractCase>;
