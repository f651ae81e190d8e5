import { webhookPath } from '../../../src/channels/webhooks/index.js';
import { systemClock } from '../../../src/clock.js';
import { createFakeGitHub, type FakeGitHub, type FakeIssue } from '../../fakes/github.js';
import { type Place, placeOf } from '../crash-matrix/places.js';
import { freePort } from './calls.js';
import type { Platform } from './types.js';

export interface GitHubPlatform extends Platform {
  fake: FakeGitHub;
}

/** A GitHub of two repositories, each with one issue; it calls the host's webhook, and never twice. */
export async function createGitHubPlatform(): Promise<GitHubPlatform> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}${webhookPath('github')}`;
  const fake = await createFakeGitHub(systemClock, () => url);
  const { world } = fake;
  // Long before anything is said in them.
  const created_at = '2026-01-01T00:00:00Z';
  const chats = world.repositories.map((repository) => ({
    platformId: `github:${repository.toLowerCase()}`,
    name: repository.replace('/', '-').toLowerCase(),
    isGroup: true,
    place: githubPlace(fake, world.open(repository, 'Talk', { created_at })),
  }));
  return {
    fake,
    port,
    channelType: 'github',
    env: {
      GITHUB_TOKEN: fake.token,
      GITHUB_WEBHOOK_SECRET: fake.secret,
      GITHUB_API_URL: fake.http.origin(),
      WHARFIE_WEBHOOK_PORT: String(port),
    },
    chats,
    connections: () => fake.http.requests.filter((name) => name === 'GET /user').length,
    thread: (name) => githubPlace(fake, world.open(world.repositories[0] ?? '', name, { created_at })),
    close: () => fake.close(),
  };
}

/** What is said ends with a comment in HTML, which GitHub does not show. */
const shown = (body: string) => body.replace(/\s*<!--.*?-->\s*$/s, '');

const githubPlace = (fake: FakeGitHub, issue: FakeIssue): Place =>
  placeOf({
    say: (text) => void fake.say(issue, text),
    said: () =>
      fake.world.comments
        .filter((comment) => comment.user === fake.world.bot && comment.issue === issue)
        .map((comment) => shown(comment.body)),
  });
