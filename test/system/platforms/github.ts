import { systemClock } from '../../../src/clock.js';
import { createFakeGitHub, type FakeGitHub, type FakeIssue } from '../../fakes/github.js';
import { type Place, placeOf } from '../crash-matrix/places.js';
import { freePort } from './calls.js';
import type { Platform } from './types.js';

export interface GitHubPlatform extends Platform {
  fake: FakeGitHub;
}

/** A GitHub of two repositories with an issue each, which calls the host and never calls it twice. */
export async function createGitHubPlatform(): Promise<GitHubPlatform> {
  const port = await freePort();
  const fake = await createFakeGitHub(systemClock, () => `http://127.0.0.1:${port}/webhooks/github`);
  const { world } = fake;
  const [boats = '', notes = ''] = world.repositories;
  // Long before anything is wired.
  const created_at = '2026-01-01T00:00:00Z';
  const chatOf = (repository: string, name: string) => ({
    platformId: `github:${repository.toLowerCase()}`,
    name,
    isGroup: true,
    place: issuePlace(fake, world.open(repository, name, { created_at })),
  });
  return {
    fake,
    channelType: 'github',
    env: {
      GITHUB_TOKEN: fake.token,
      GITHUB_WEBHOOK_SECRET: fake.secret,
      GITHUB_API_URL: fake.http.origin(),
      WHARFIE_WEBHOOK_PORT: String(port),
    },
    chats: [chatOf(boats, 'boats'), chatOf(notes, 'notes')],
    // It listens before it reads what was missed, and that is the last of what it asks.
    connections: () => fake.http.requests.filter((name) => name.endsWith('/pulls/comments')).length,
    thread: (name) => issuePlace(fake, world.open(boats, name, { created_at })),
    close: () => fake.close(),
  };
}

const issuePlace = (fake: FakeGitHub, issue: FakeIssue): Place =>
  placeOf({
    say: (text) => void fake.say(issue, text),
    said: () =>
      fake.world.comments
        .filter((one) => one.user === fake.world.bot && one.issue === issue)
        .map((one) => one.body.replace(/\s*<!--.*?-->\s*$/s, '')),
  });
