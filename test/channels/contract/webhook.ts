import { describe, expect, test } from 'vitest';
import type { Address } from '../../../src/address.js';
import type { Posting } from '../../fakes/webhook-sender.js';
import type { openWebhooks } from '../../fakes/webhooks.js';
import { createRecordingHost, type RecordingHost, type Stage } from './stage.js';

/** A stage whose platform calls the adapter. */
export interface WebhookStage extends Stage {
  webhooks: ReturnType<typeof openWebhooks>;
  /** The request for something that a person says, as the platform sends it, not sent. */
  posting(to: Address, text: string): Posting;
}

export interface WebhookFixture {
  channelType: string;
  open(): Promise<WebhookStage>;
  /** The header that proves who sent it. */
  proof: string;
  /** False: it proves that the platform calls, and not what it says (a token, which https alone protects). */
  coversBody?: false;
}

type WebhookCase = (stage: WebhookStage, host: RecordingHost, fixture: WebhookFixture) => Promise<void>;

async function post(stage: WebhookStage, { headers, body }: Posting): Promise<number> {
  const url = stage.webhooks.url(stage.adapter.channelType);
  return (await fetch(url, { method: 'POST', headers, body })).status;
}

const without = ({ headers, body }: Posting, name: string): Posting => ({
  headers: Object.fromEntries(Object.entries(headers).filter(([key]) => key.toLowerCase() !== name)),
  body,
});

const cases: Readonly<Record<string, WebhookCase>> = {
  async 'a request of the platform is taken, and a second time changes nothing'(stage, host) {
    await stage.adapter.start(host);
    const posting = stage.posting(stage.direct, 'hello');
    expect(await post(stage, posting)).toBe(200);
    expect(await post(stage, posting)).toBe(200);
    expect(new Set(host.events.map((event) => event.messageId)).size).toBe(1);
    const { threadId, ...chat } = stage.direct;
    expect(host.events[0]).toMatchObject({ ...chat, text: expect.stringContaining('hello') });
    if (!stage.threadEach) expect(host.events[0]?.threadId).toBe(threadId);
  },

  async 'a request is not answered before it is durable'(stage, host) {
    await stage.adapter.start(host);
    host.refuse(1);
    let answered = false;
    const status = post(stage, stage.posting(stage.direct, 'hello')).finally(() => {
      answered = true;
    });
    await host.until(() => host.refused);
    expect(answered && (await status) < 300).toBe(false);
    await stage.clock.advance(5000);
    if ((await status) < 300) expect(host.events).toHaveLength(1);
    else expect(host.events).toHaveLength(0);
  },

  async 'a request that the platform did not sign is 401, and nothing is taken in'(
    stage,
    host,
    { proof, coversBody = true },
  ) {
    await stage.adapter.start(host);
    const genuine = stage.posting(stage.direct, 'let me in');
    const other = stage.posting(stage.direct, 'something else');
    const forged = (value: string) => ({ ...genuine, headers: { ...genuine.headers, [proof]: value } });
    const signature = genuine.headers[proof] ?? '';
    // Not the last one: of a character of base64 not all bits may count there.
    const changed = signature.replace(/.(?=.{10}$)/, (one) => (one === '0' ? '1' : '0'));
    const otherBodies = [other.body, genuine.body.replace('let me in', 'let us in')];
    for (const posting of [
      without(genuine, proof),
      forged(''),
      forged('nonsense'),
      forged(changed),
      ...(coversBody ? otherBodies.map((body) => ({ ...genuine, body })) : []),
    ]) {
      expect(await post(stage, posting)).toBe(401);
    }
    expect(host.events).toEqual([]);
  },

  async 'a body without an end is refused'(stage, host) {
    await stage.adapter.start(host);
    const { headers } = stage.posting(stage.direct, 'x');
    expect(await post(stage, { headers, body: 'x'.repeat(4 * 1024 ** 2) })).toBe(413);
    expect(host.events).toEqual([]);
  },

  async 'its path is there while it runs, and no longer'(stage, host) {
    await stage.adapter.start(host);
    expect(stage.webhooks.port()).not.toBeNull();
    await stage.adapter.stop();
    expect(stage.webhooks.port()).toBeNull();
  },
};

/** What every channel that its platform calls owes beyond the contract. */
export function webhookContract(fixture: WebhookFixture): void {
  describe(`webhook: ${fixture.channelType}`, () => {
    for (const [name, run] of Object.entries(cases)) {
      test(name, async () => {
        const stage = await fixture.open();
        try {
          await run(stage, createRecordingHost(), fixture);
        } finally {
          await stage.adapter.stop();
          await stage.close();
        }
      });
    }
  });
}
