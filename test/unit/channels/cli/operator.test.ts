import { describe, expect, it } from 'vitest';
import { ChannelError, type ChannelHealth } from '../../../../src/channels/adapter.js';
import { answerOperator, type CliOperator } from '../../../../src/channels/cli/operator.js';
import { hostMessageSchema } from '../../../../src/channels/cli/protocol.js';
import type { ChannelRegistry, ChannelStatus } from '../../../../src/channels/registry/index.js';
import { loadConfig } from '../../../../src/config.js';
import { createOperator } from '../../../../src/host/operator.js';
import { createFakeChannel } from '../../../fakes/chat-channel.js';
import { createFakeClock } from '../../../fakes/clock.js';

const operatorOf = (registry: Pick<ChannelRegistry, 'status' | 'get'>) =>
  createOperator({
    registry: () => registry,
    voice: { post: async () => {} },
    config: loadConfig({ TZ: 'UTC', WHARFIE_IDLE_MINUTES: '7' }, { WHARFIE_HOME: '/srv/wharfie' }),
    terminalOnly: false,
    clock: createFakeClock(),
    watchdog: { longestStopMs: () => 1234 },
    env: { TZ: 'UTC' },
  });

const post = { type: 'post' as const, id: 'q_1', channelType: 'x', platformId: 'x:1', text: 'hello' };

const silent: CliOperator = {
  channels: () => [],
  about: () => ({ startedAt: 0, node: '', terminalOnly: false, settings: {}, fromEnvironment: [] }),
  chat: async () => ({ state: 'not-found' }),
  post: async () => {},
};

describe('what steps ask of the host', () => {
  it('is answered with the problem where nothing can be said', async () => {
    const refusing: CliOperator = {
      ...silent,
      async post() {
        throw new ChannelError('x-forbidden', 'The bot is not in there.', 'Invite it.', {
          errorClass: 'permanent',
        });
      },
    };
    expect(await answerOperator(refusing, post)).toEqual({
      type: 'posted',
      id: 'q_1',
      problem: { code: 'x-forbidden', message: 'The bot is not in there.', fix: 'Invite it.' },
    });
  });

  it('goes to the chat that is named', async () => {
    const said: string[] = [];
    const operator: CliOperator = {
      ...silent,
      async post({ channelType, platformId }, text) {
        said.push(`${channelType} ${platformId} ${text}`);
      },
    };
    const answer = await answerOperator(operator, post);
    expect(hostMessageSchema.parse(answer)).toMatchObject({ problem: null });
    expect(said).toEqual(['x x:1 hello']);
  });

  it('tells how each channel is, with what is missing', async () => {
    const status = (channelType: string, health: ChannelHealth): ChannelStatus => ({
      channelType,
      health,
      since: 1000,
      failures: 0,
      nextTryAt: null,
      botName: channelType === 'a' ? 'andy_bot' : null,
    });
    const registry = {
      status: () => [
        status('a', { state: 'connected' }),
        status('b', { state: 'unconfigured', missing: ['B_TOKEN'] }),
        status('c', { state: 'failed', detail: 'closed', fix: 'open it' }),
      ],
    };
    const answer = await answerOperator(operatorOf({ ...registry, get: () => undefined }), {
      type: 'channels',
      id: 'q_2',
    });
    expect(hostMessageSchema.parse(answer)).toMatchObject({
      channels: [
        { channelType: 'a', state: 'connected', since: 1000, bot: 'andy_bot' },
        { channelType: 'b', detail: 'missing: B_TOKEN', fix: expect.stringContaining('--auth b') },
        { channelType: 'c', detail: 'closed', fix: 'open it' },
      ],
    });
  });

  it('tells with which settings it runs, and which of them .env cannot change', async () => {
    const operator = operatorOf({ status: () => [], get: () => undefined });
    const answer = await answerOperator(operator, { type: 'about', id: 'q_3' });
    expect(hostMessageSchema.parse(answer)).toMatchObject({
      about: { settings: { WHARFIE_IDLE_MINUTES: '7', TZ: 'UTC' }, fromEnvironment: ['TZ'] },
    });
  });

  it.each([
    [async () => ({ platformId: 'x:1', name: 'Family', isGroup: true }), { state: 'found', name: 'Family' }],
    [async () => null, { state: 'not-found' }],
    [() => Promise.reject(new Error('it answers 502')), { state: 'not-asked', why: 'it answers 502' }],
    [undefined, { state: 'not-asked' }],
  ])('tells what the platform knows of a chat (%#)', async (resolveChat, told) => {
    const { adapter: plain } = createFakeChannel({ clock: createFakeClock() });
    const adapter = { ...plain, ...(resolveChat && { resolveChat }) };
    const operator = operatorOf({ status: () => [], get: () => adapter });
    const asked = { type: 'chat' as const, id: 'q_4', channelType: 'x', platformId: 'x:1' };
    expect(hostMessageSchema.parse(await answerOperator(operator, asked))).toMatchObject({ answer: told });
  });
});
