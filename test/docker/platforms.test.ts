import { afterAll, afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { createCheckout } from '../channels/checkout.js';
import { createMessagesApi, type MessagesApi, type ModelCall, type Reply } from '../fakes/messages-api.js';
import { eventually } from '../system/eventually.js';
import { createInstallation, type HostProcess, type Installation } from '../system/host-process.js';
import { createDiscordPlatform } from '../system/platforms/discord.js';
import { createSlackPlatform } from '../system/platforms/slack.js';
import { createTelegramPlatform } from '../system/platforms/telegram.js';
import type { Platform } from '../system/platforms/types.js';
import { stepHere } from '../system/steps-here.js';
import { engineSocket, removeContainersOf } from './world.js';

const { root, remove } = createCheckout(['telegram', 'slack']);
afterAll(remove);

const makers = {
  discord: createDiscordPlatform,
  telegram: createTelegramPlatform,
  slack: createSlackPlatform,
} satisfies Record<string, () => Promise<Platform>>;

/** The model tells who it is and what it read; asked to, it says something in another chat first. */
function answer({ system, lastUser, toolResults }: ModelCall): Reply {
  const name = /You are (\w+),/.exec(system)?.[1];
  const to = /tell ([\w-]+):/.exec(lastUser)?.[1];
  if (to && toolResults.length === 0) {
    return { tools: [{ name: 'mcp__wharfie__send_message', input: { text: `${name} passes it on`, to } }] };
  }
  const heard = [...lastUser.matchAll(/>([^<]*)<\/message>/g)].map((match) => match[1]?.trim()).join(' | ');
  return toolResults.length > 0 ? `${name} has passed it on` : `${name} heard: ${heard}`;
}

/** Six cold starts, on a machine that may be busy. */
const LONGEST = { timeout: 180_000 };

describe.each(Object.entries(makers))('%s, a real host, hardened containers, the real claude', (_, make) => {
  let platform: Platform;
  let api: MessagesApi;
  let home: Installation;
  let host: HostProcess;

  beforeEach(async () => {
    platform = await make();
    api = await createMessagesApi(answer);
    const settings = {
      ANTHROPIC_API_KEY: 'sk-ant-test-key-that-stays-on-the-host',
      ANTHROPIC_BASE_URL: api.url,
      WHARFIE_DOCKER_SOCKET: engineSocket(),
      WHARFIE_IMAGE: inject('agentImage'),
    };
    home = createInstallation({ ...settings, ...platform.env }, { root });
    const [first, second] = platform.chats;
    // Two agents in one chat, and one of them in another chat as well.
    await register(first, 'andy', '@Andy', '--assistant-name', 'Andy', '--no-trigger-required');
    await register(first, 'bea', '@Bea', '--assistant-name', 'Bea');
    await register(second, 'andy', '@Andy', '--assistant-name', 'Andy', '--no-trigger-required');
    host = await home.start();
    await eventually(() => platform.connections() > 0);
  });
  afterEach(async () => {
    await host.kill();
    await removeContainersOf(home.home);
    await home.remove();
    await platform.close();
    await api.close();
  });

  async function register(
    chat: Platform['chats'][number] | undefined,
    folder: string,
    trigger: string,
    ...more: string[]
  ) {
    if (!chat) throw new Error('the platform lacks a chat');
    const where = ['--platform-id', chat.platformId, '--name', chat.name, '--folder', folder];
    const kind = chat.isGroup ? ['--is-group'] : [];
    const { exitCode, output } = await stepHere(
      home,
      'register',
      ...where,
      ...kind,
      '--trigger',
      trigger,
      ...more,
    );
    expect(exitCode, output).toBe(0);
  }

  it('answers in the chat and thread where it was asked, by whom it was asked, once', LONGEST, async () => {
    const [group, other] = platform.chats.map((chat) => chat.place);
    if (!group || !other) throw new Error('the platform lacks a chat');
    const ask = (place: typeof group, text: string) => place.ask({ text, sends: [], replies: [] });
    const sorted = (place: typeof group) => [...place.said()].sort();

    ask(group, '@Bea one');
    await eventually(() => group.said().length === 1);
    expect(group.said()).toEqual(['Bea heard: @Bea one']);

    ask(group, '@Andy and @Bea: two');
    await eventually(() => group.said().length === 3);
    expect(sorted(group).slice(0, 2)).toEqual([
      'Andy heard: @Andy and @Bea: two',
      'Bea heard: @Andy and @Bea: two',
    ]);

    ask(other, 'three');
    await eventually(() => other.said().length === 1);
    expect(other.said()).toEqual(['Andy heard: three']);
    // Chats are conversations of their own, also of the same agent.
    expect(
      api.calls
        .at(-1)
        ?.messages.map((message) => message.text)
        .join(),
    ).not.toContain('two');

    ask(other, `tell ${platform.chats[0]?.name}: four`);
    await eventually(() => other.said().length === 2);
    await eventually(() => group.said().length === 4);
    expect(group.said().at(-1)).toBe('Andy passes it on');
    expect(other.said().at(-1)).toBe('Andy has passed it on');

    const thread = platform.thread('aside');
    ask(thread, '@Bea five');
    await eventually(() => thread.said().length === 1);
    expect(thread.said()).toEqual(['Bea heard: @Bea five']);

    expect(await host.stop()).toBe(0);
    expect([group, other, thread].map((place) => place.said().length)).toEqual([4, 2, 1]);
  });
});
