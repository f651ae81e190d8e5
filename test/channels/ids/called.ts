import { GoogleChatAdapter } from '@chat-adapter/gchat';
import { encodeThreadId, TeamsAdapter } from '@chat-adapter/teams';
import fc from 'fast-check';
import { quietly } from '../../../src/channels/teams/quiet.js';

const gchat = new GoogleChatAdapter({ auth: 'unused', disableSignatureVerification: true });
const teams = quietly(
  () => new TeamsAdapter({ appId: 'app', token: () => '', webhookVerifier: () => false }),
);

/** How Google Chat and Teams write a chat and a thread in it, and how their adapters name them. */
export const googleChatIds = {
  adapter: gchat,
  chats: fc
    .record({
      id: fc.stringMatching(/^[\w-]{8,20}$/),
      thread: fc.stringMatching(/^[\w-]{8,12}$/),
      isDM: fc.boolean(),
    })
    .map(({ id, thread, isDM }) => ({
      given: [`spaces/${id}`, `gchat:spaces/${id}`, `https://chat.google.com/room/${id}/${thread}?cls=10`],
      threadId: gchat.encodeThreadId({
        spaceName: `spaces/${id}`,
        isDM,
        ...(isDM ? {} : { threadName: `spaces/${id}/threads/${thread}` }),
      }),
    })),
};

export const teamsIds = {
  adapter: teams,
  chats: fc
    .record({
      id: fc.stringMatching(/^(?:19:[a-z0-9_-]{8,40}@thread\.(?:v2|tacv2|skype)|a:1[\w-]{10,60})$/),
      conversationType: fc.constantFrom('personal' as const, 'groupChat' as const, 'channel' as const),
      region: fc.constantFrom('emea', 'amer/5d1c8f60-72ab-4e39-b0c4-a19e6d83f527', 'teams'),
      thread: fc.integer({ min: 10 ** 12, max: 10 ** 13 }),
    })
    .map(({ id, conversationType, region, thread }) => {
      const serviceUrl = `https://smba.trafficmanager.net/${region}`;
      const place = { conversationId: id, conversationType, serviceUrl };
      return {
        given: [encodeThreadId(place), encodeThreadId({ ...place, serviceUrl: `${serviceUrl}/` })],
        threadId: encodeThreadId({ ...place, conversationId: `${id};messageid=${thread}` }),
      };
    }),
};
