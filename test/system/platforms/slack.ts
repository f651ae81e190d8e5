import { webhookPath } from '../../../src/channels/webhooks/index.js';
import { type Clock, systemClock } from '../../../src/clock.js';
import { createFakeSlack, type FakeSlack } from '../../fakes/slack.js';
import { type Place, placeOf } from '../crash-matrix/places.js';
import { freePort } from './calls.js';
import type { Platform } from './types.js';

export interface SlackPlatform extends Platform {
  fake: FakeSlack;
}

/** A Slack of one channel and one direct message, in socket mode. */
export async function createSlackPlatform(): Promise<SlackPlatform> {
  const fake = await createFakeSlack();
  const { appToken } = fake;
  const connections = () => fake.http.requests.filter((name) => name === 'apps.connections.open').length;
  return slackOf(fake, { SLACK_APP_TOKEN: appToken }, connections);
}

/** The same, by webhook. Slack sends again after a minute and after five; here after a second, so that nobody waits. */
export async function createSlackWebhookPlatform(): Promise<SlackPlatform> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}${webhookPath('slack')}`;
  const clock: Clock = { ...systemClock, after: (ms, fn) => systemClock.after(Math.min(ms, 1000), fn) };
  const fake = await createFakeSlack(clock, () => url);
  const env = { SLACK_SIGNING_SECRET: fake.webhook.secret, WHARFIE_WEBHOOK_PORT: String(port) };
  const connections = () => fake.http.requests.filter((name) => name === 'auth.test').length;
  return { ...slackOf(fake, env, connections), port };
}

function slackOf(fake: FakeSlack, env: Record<string, string>, connections: () => number): SlackPlatform {
  const { robot, general, direct } = fake.world;
  const chatOf = (channel: string, name: string) => ({
    platformId: `slack:${channel}`,
    name,
    isGroup: channel === general,
    place: slackPlace(fake, channel),
  });
  return {
    fake,
    channelType: 'slack',
    env: { SLACK_BOT_TOKEN: fake.botToken, SLACK_API_URL: fake.apiUrl, ...env },
    chats: [chatOf(general, 'general'), chatOf(direct, 'ada')],
    connections,
    thread(name) {
      const root = fake.world.add({ channel: general, user: robot.id, bot_id: robot.bot_id, text: name });
      return slackPlace(fake, general, root.ts);
    },
    close: () => fake.close(),
  };
}

const slackPlace = (fake: FakeSlack, channel: string, thread?: string): Place =>
  placeOf({
    say: (text) => void fake.say(channel, text, thread === undefined ? {} : { thread }),
    said: () => fake.said(channel, thread).map((message) => message.markdown ?? message.text),
  });
