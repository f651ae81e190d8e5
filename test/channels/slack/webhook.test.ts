import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Posting } from '../../fakes/webhook-sender.js';
import { createRecordingHost, type RecordingHost } from '../contract/stage.js';
import { openSlack, type SlackStage } from '../slack.js';

let stage: SlackStage;
let host: RecordingHost;
beforeEach(async () => {
  stage = await openSlack('webhook');
  host = createRecordingHost();
  await stage.adapter.start(host);
});
afterEach(async () => {
  await stage.adapter.stop();
  await stage.close();
});

const post = ({ headers, body }: Posting) =>
  fetch(stage.webhooks.url('slack'), { method: 'POST', headers, body });

test('the address is verified by its challenge, and not for a stranger', async () => {
  const challenge = stage.fake.webhook.posting('events_api', { type: 'url_verification', challenge: 'c-1' });
  const answer = await post(challenge);
  expect([answer.status, await answer.text()]).toEqual([200, 'c-1']);
  expect((await post({ ...challenge, headers: {} })).status).toBe(401);
});

test('a request that was kept for six minutes is not taken', async () => {
  const kept = stage.posting(stage.direct, 'again and again');
  await stage.clock.advance(6 * 60_000);
  expect((await post(kept)).status).toBe(401);
  expect(host.events).toEqual([]);
});

test('what Slack sends again while it is being taken in is one event', async () => {
  host.refuse(1);
  const message = stage.fake.say(stage.fake.world.direct, 'once', { unheard: true });
  const send = (retry: number) =>
    post(stage.fake.webhook.posting('events_api', stage.fake.eventOf(message), retry));
  const first = send(0);
  await host.until(() => host.refused);
  const second = send(1);
  await stage.clock.advance(2000);
  expect([(await first).status, (await second).status]).toEqual([200, 200]);
  expect(host.events.map((event) => event.text)).toEqual(['once']);
});

test('what is none of our business is answered, so that it does not come again', async () => {
  const { webhook } = stage.fake;
  for (const posting of [
    webhook.posting('events_api', { type: 'app_rate_limited', minute_rate_limited: 1 }),
    webhook.posting('events_api', { event: { type: 'team_join' } }),
    webhook.posting('interactive', { type: 'view_submission' }),
  ]) {
    expect((await post(posting)).status).toBe(200);
  }
  expect(host.events).toEqual([]);
});
