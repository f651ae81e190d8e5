import { describe, expect, it } from 'vitest';
import { createStaticProvider, PLACEHOLDER_KEY } from '../../../src/credentials/static.js';
import type { ContainerSpec } from '../../../src/engine/types.js';
import { createFakeClock } from '../../fakes/clock.js';

const agent = { name: 'Andy', identifier: 'ag_1' };

function setUp(
  file: Record<string, string>,
  fallback: Record<string, string> = {},
  ask?: () => Promise<number | null>,
) {
  const state = { file, probes: [] as string[], answer: 401 as number | null };
  const clock = createFakeClock();
  const provider = createStaticProvider({
    envFile: { read: () => state.file },
    fallback,
    clock,
    async probe({ headers }) {
      state.probes.push(headers['x-api-key'] ?? '');
      return ask ? ask() : state.answer;
    },
  });
  const upstream = async () => {
    const { baseUrl, headers } = await provider.modelUpstream(agent);
    return [baseUrl.href, headers];
  };
  return { state, clock, provider, upstream };
}

describe('where the key comes from', () => {
  it.each([
    [{ ANTHROPIC_API_KEY: 'k' }, { 'x-api-key': 'k' }],
    [{ ANTHROPIC_AUTH_TOKEN: 't' }, { authorization: 'Bearer t' }],
    [{ CLAUDE_CODE_OAUTH_TOKEN: 'o' }, { authorization: 'Bearer o', 'anthropic-beta': 'oauth-2025-04-20' }],
  ])('%j', async (file, headers) => {
    expect(await setUp(file).upstream()).toEqual(['https://api.anthropic.com/', headers]);
  });

  it('is .env first and the environment after it, each as a whole', async () => {
    const both = setUp({ CLAUDE_CODE_OAUTH_TOKEN: 'o' }, { ANTHROPIC_API_KEY: 'shell' });
    expect((await both.upstream())[1]).toMatchObject({ authorization: 'Bearer o' });
    const shell = setUp({ ANTHROPIC_BASE_URL: 'http://127.0.0.1:9/llm/' }, { ANTHROPIC_API_KEY: 'shell' });
    expect(await shell.upstream()).toEqual(['http://127.0.0.1:9/llm/', { 'x-api-key': 'shell' }]);
  });

  it('is said to be missing, with the cure, when there is none or the address is none', async () => {
    const none = setUp({ ANTHROPIC_API_KEY: '' });
    expect(none.provider.missing()).toMatchObject({
      code: 'credential-missing',
      fix: expect.stringContaining('./wharfie credentials'),
    });
    await expect(none.upstream()).rejects.toMatchObject({ code: 'credential-missing' });
    for (const url of ['ftp://x', 'nonsense', 'http://user:secret@host']) {
      const problem = setUp({ ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: url }).provider.missing();
      expect(problem?.message).toContain('ANTHROPIC_BASE_URL');
      expect(problem?.message).not.toContain('secret');
    }
  });

  it('is never what the container gets', async () => {
    const { provider } = setUp({ ANTHROPIC_API_KEY: 'sk-real' });
    const spec: ContainerSpec = {
      name: 'n',
      sessionId: 's',
      incarnation: 1,
      image: 'i',
      mode: 'run',
      env: { TZ: 'UTC' },
      mounts: [],
      limits: { memoryBytes: 1, cpus: 1, pids: 1, fileSizeBytes: 1 },
      user: null,
    };
    const changed = await provider.applyContainerConfig(spec, agent);
    expect(changed).toEqual({ ...spec, env: { TZ: 'UTC', ANTHROPIC_API_KEY: PLACEHOLDER_KEY } });
  });
});

describe('a refused key', () => {
  it('stays refused until .env holds another', async () => {
    const { state, provider, upstream } = setUp({ ANTHROPIC_API_KEY: 'bad' });
    provider.onRefused(true, agent);
    expect(provider.missing()).toMatchObject({ code: 'credential-refused' });
    await expect(upstream()).rejects.toMatchObject({ code: 'credential-refused' });
    state.file = { ANTHROPIC_API_KEY: 'good' };
    expect(provider.missing()).toBeNull();
    expect((await upstream())[1]).toEqual({ 'x-api-key': 'good' });
    state.file = { ANTHROPIC_API_KEY: 'bad' };
    expect(provider.missing()).toMatchObject({ code: 'credential-refused' });
  });

  it('is asked about again at most once a minute, and taken back when the API accepts it', async () => {
    const { state, clock, provider } = setUp({ ANTHROPIC_API_KEY: 'k' });
    provider.onRefused(true, agent);
    provider.missing();
    expect(state.probes).toEqual([]);
    await clock.advance(60_000);
    for (let i = 0; i < 5; i += 1) provider.missing();
    await clock.advance(0);
    expect(state.probes).toEqual(['k']);
    for (const unsettled of [null, 401]) {
      state.answer = unsettled;
      await clock.advance(60_000);
      provider.missing();
      await clock.advance(0);
      expect(provider.missing()).not.toBeNull();
    }
    state.answer = 200;
    await clock.advance(60_000);
    provider.missing();
    await clock.advance(0);
    expect(provider.missing()).toBeNull();
  });

  it('is not taken back by what is heard of the key before it', async () => {
    let answer = (_status: number) => {};
    const held = new Promise<number>((resolve) => {
      answer = resolve;
    });
    const { state, clock, provider } = setUp({ ANTHROPIC_API_KEY: 'old' }, {}, () => held);
    provider.onRefused(true, agent);
    await clock.advance(60_000);
    provider.missing();
    state.file = { ANTHROPIC_API_KEY: 'new' };
    provider.onRefused(true, agent);
    answer(200);
    await clock.advance(0);
    expect(provider.missing()).toMatchObject({ code: 'credential-refused' });
  });

  it('is taken back by a request that worked', () => {
    const { provider } = setUp({ ANTHROPIC_API_KEY: 'k' });
    provider.onRefused(true, agent);
    provider.onRefused(false, agent);
    expect(provider.missing()).toBeNull();
  });
});
