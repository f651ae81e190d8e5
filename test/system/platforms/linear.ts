import { webhookPath } from '../../../src/channels/webhooks/index.js';
import { type Clock, systemClock } from '../../../src/clock.js';
import { createFakeLinear, type FakeIssue, type FakeLinear } from '../../fakes/linear.js';
import { type Place, placeOf } from '../crash-matrix/places.js';
import { freePort } from './calls.js';
import type { Platform } from './types.js';

/** A Linear of two teams, each with one issue. It calls again after a minute; here after a second, so that nobody waits. */
export async function createLinearPlatform(): Promise<Platform> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}${webhookPath('linear')}`;
  const clock: Clock = { ...systemClock, after: (ms, fn) => systemClock.after(Math.min(ms, 1000), fn) };
  const fake = await createFakeLinear(clock, () => url);
  const { world } = fake;
  // Long before anything is said in them.
  const old = { createdAt: '2026-01-01T00:00:00.000Z' };
  const [first] = world.teams;
  const open = (team: (typeof world.teams)[number], title: string) =>
    linearPlace(fake, world.open(team, title, old));
  return {
    port,
    channelType: 'linear',
    env: {
      LINEAR_API_KEY: fake.apiKey,
      LINEAR_WEBHOOK_SECRET: fake.secret,
      LINEAR_API_URL: fake.http.origin(),
      WHARFIE_WEBHOOK_PORT: String(port),
    },
    chats: world.teams.map((team) => ({
      platformId: `linear:${team.key}`,
      name: team.key.toLowerCase(),
      isGroup: true,
      place: open(team, 'Talk'),
    })),
    connections: () => fake.http.requests.filter((name) => name === '/graphql viewer').length,
    thread(name) {
      if (!first) throw new Error('no teams');
      return open(first, name);
    },
    close: () => fake.close(),
  };
}

const linearPlace = (fake: FakeLinear, issue: FakeIssue): Place =>
  placeOf({
    say: (text) => void fake.say(issue, text),
    said: () =>
      fake.world.comments
        .filter((comment) => comment.user === fake.world.bot && comment.issue === issue)
        .map((comment) => comment.body),
  });
