import { createFakeSlack, type FakeSlack } from '../../fakes/slack.js';
import { type Place, placeOf } from '../crash-matrix/places.js';
import type { Platform } from './types.js';

export interface SlackPlatform extends Platform {
  fake: FakeSlack;
}

/** A Slack of one channel and one direct message, in socket mode. */
export async function createSlackPlatform(): Promise<SlackPlatform> {
  const fake = await createFakeSlack();
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
    env: { SLACK_BOT_TOKEN: fake.botToken, SLACK_APP_TOKEN: fake.appToken, SLACK_API_URL: fake.apiUrl },
    chats: [chatOf(general, 'general'), chatOf(direct, 'ada')],
    connections: () => fake.http.requests.filter((name) => name === 'apps.connections.open').length,
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
