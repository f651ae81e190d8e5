import { describe, expect, it } from 'vitest';
import { ChannelError, type ChannelHealth } from '../../../../src/channels/adapter.js';
import { answerOperator, type CliOperator } from '../../../../src/channels/cli/operator.js';
import { hostMessageSchema } from '../../../../src/channels/cli/protocol.js';
import type { ChannelStatus } from '../../../../src/channels/registry.js';
import { createOperator } from '../../../../src/host/operator.js';

const post = { type: 'post' as const, id: 'q_1', channelType: 'x', platformId: 'x:1', text: 'hello' };

describe('what steps ask of the host', () => {
  it('is answered with the problem where nothing can be said', async () => {
    const refusing: CliOperator = {
      channels: () => [],
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
      channels: () => [],
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
      failures: 0,
      nextTryAt: null,
    });
    const registry = {
      get: () => undefined,
      status: () => [
        status('a', { state: 'connected' }),
        status('b', { state: 'unconfigured', missing: ['B_TOKEN'] }),
        status('c', { state: 'failed', detail: 'closed', fix: 'open it' }),
      ],
    };
    const answer = await answerOperator(
      createOperator(() => registry),
      { type: 'channels', id: 'q_2' },
    );
    expect(hostMessageSchema.parse(answer)).toMatchObject({
      channels: [
        { channelType: 'a', state: 'connected' },
        { channelType: 'b', detail: 'missing: B_TOKEN', fix: expect.stringContaining('--auth b') },
        { channelType: 'c', detail: 'closed', fix: 'open it' },
      ],
    });
  });
});
