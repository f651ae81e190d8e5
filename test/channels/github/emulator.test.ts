import { createEmulator } from 'emulate';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { github } from '../../../src/channels/github.js';
import { createFakeClock } from '../../fakes/clock.js';
import { openWebhooks } from '../../fakes/webhooks.js';
import { createAdapters } from '../contract/adapters.js';
import { createRecordingHost, requestOf, textPart } from '../contract/stage.js';

/**
 * GitHub as others have built it (npm `emulate`): what our own fake and our adapter might both have wrong shows here. It
 * lists no comments of a whole repository, so what was missed cannot be read from it.
 */
const SECRET = 'a-secret-of-the-webhook-0123456789';
const BOT = 'token-of-the-bot';
const ADA = 'token-of-ada';

async function open() {
  const emulator = await createEmulator({
    service: 'github',
    port: 0,
    seed: {
      tokens: {
        [BOT]: { login: 'wharfie-bot', scopes: ['repo'] },
        [ADA]: { login: 'ada', scopes: ['repo'] },
      },
      github: {
        users: [{ login: 'wharfie-bot' }, { login: 'ada' }],
        repos: [{ owner: 'ada', name: 'boats', auto_init: true }],
      },
    },
  });
  const webhooks = openWebhooks();
  const clock = createFakeClock(Date.now());
  const env = { GITHUB_TOKEN: BOT, GITHUB_WEBHOOK_SECRET: SECRET, GITHUB_API_URL: emulator.url };
  const adapters = createAdapters(github, { clock, webhooks, env: () => env });
  async function asAda(method: string, path: string, body?: object): Promise<unknown> {
    const headers = { authorization: `token ${ADA}`, 'content-type': 'application/json' };
    const url = `${emulator.url}/repos/ada/boats/${path}`;
    const response = await fetch(url, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  }
  return { emulator, webhooks, adapters, asAda };
}

let world: Awaited<ReturnType<typeof open>>;
beforeEach(async () => {
  world = await open();
});
afterEach(async () => {
  await world.adapters.adapter.stop();
  await world.emulator.close();
  world.adapters.removeState();
});

test('what a person writes is heard with what it is about, and an answer stands below it', async () => {
  const { adapters, webhooks, asAda } = world;
  const { adapter } = adapters;
  const host = createRecordingHost();
  await adapter.start(host);
  const config = { url: webhooks.url('github'), content_type: 'json', secret: SECRET };
  await asAda('POST', 'hooks', { name: 'web', active: true, events: ['*'], config });
  await asAda('POST', 'issues', { title: 'A leak', body: 'The deploy takes twelve minutes.' });
  await asAda('POST', 'issues/1/comments', { body: '@wharfie-bot what causes this?' });

  const event = await host.heard('what causes this?');
  expect(event).toMatchObject({
    ...{ platformId: 'github:ada/boats', threadId: 'issue:1', mentioned: true, sender: { name: 'ada' } },
    subject: { kind: 'issue', title: 'A leak' },
  });
  expect(await event.root?.()).toMatchObject({ text: 'The deploy takes twelve minutes.', from: 'ada' });

  const to = { channelType: 'github', platformId: event.platformId, threadId: event.threadId };
  const request = requestOf(to, textPart('It is the **cache**.'));
  const { messageIds } = await adapter.deliver(request);
  const comments = await asAda('GET', 'issues/1/comments');
  expect(comments).toMatchObject([
    { user: { login: 'ada' } },
    { user: { login: 'wharfie-bot' }, body: expect.stringContaining('It is the **cache**.') },
  ]);
  expect(messageIds).toHaveLength(1);
  expect(await adapter.findSent?.(request, Date.now())).toEqual({ messageIds });
});
