import { normalizePlatformId } from '../../../src/channels/catalog/index.js';
import { webhookPath } from '../../../src/channels/webhooks/index.js';
import { createFakeTeams, type FakeConversation, type FakeTeams } from '../../fakes/teams.js';
import { placeOf } from '../crash-matrix/places.js';
import { freePort, taken } from './calls.js';
import type { Platform } from './types.js';

export interface TeamsPlatform extends Platform {
  fake: FakeTeams;
}

const b64 = (text: string) => Buffer.from(text).toString('base64url');

/** A Teams of one group chat and one personal chat. Nothing promises that its connector calls twice: here it never does. */
export async function createTeamsPlatform(now: () => number = Date.now): Promise<TeamsPlatform> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}${webhookPath('teams')}`;
  const fake = await createFakeTeams(now, () => url);
  const { world, http, caller } = fake;
  const chatOf = (conversation: FakeConversation, name: string) => ({
    platformId: normalizePlatformId('teams', `${b64(conversation.id)}:${b64(fake.serviceUrl)}`),
    name,
    isGroup: conversation !== world.direct,
    place: placeOf({
      say: (text) => void fake.say(conversation, text),
      told: () => taken(caller, conversation.id),
      said: () => fake.said(conversation).map((message) => message.text),
    }),
  });
  return {
    fake,
    port,
    channelType: 'teams',
    env: {
      TEAMS_APP_ID: world.appId,
      TEAMS_APP_PASSWORD: fake.password,
      TEAMS_APP_TENANT_ID: world.tenantId,
      TEAMS_API_URL: http.origin(),
      TEAMS_LOGIN_URL: http.origin(),
      TEAMS_OPENID_URL: `${http.origin()}/openid`,
      WHARFIE_WEBHOOK_PORT: String(port),
    },
    chats: [chatOf(world.family, 'family'), chatOf(world.direct, 'ada')],
    connections: () => http.requests.filter((name) => name.endsWith('/oauth2/v2.0/token')).length,
    thread: () => {
      throw new Error('a group chat of Teams has no threads');
    },
    close: () => fake.close(),
  };
}
