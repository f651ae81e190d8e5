import { expect, it } from 'vitest';
import { discord } from '../../src/channels/discord.js';
import { telegram } from '../../src/channels/telegram.js';
import { honourProxies } from '../../src/network/index.js';
import { createFakeClock } from '../fakes/clock.js';
import { createFakeDiscord } from '../fakes/discord.js';
import { createForwardProxy } from '../fakes/forward-proxy.js';
import { createFakeTelegram } from '../fakes/telegram.js';
import { noWebhooks } from '../fakes/webhooks.js';
import { createAdapters } from './contract/adapters.js';
import { createRecordingHost, requestOf, textPart } from './contract/stage.js';

it('Telegram is reached through a proxy that alone knows its name', async () => {
  const clock = createFakeClock();
  const fake = await createFakeTelegram(clock.now);
  const proxy = await createForwardProxy({
    'api.telegram.invalid:80': Number(new URL(fake.http.origin()).port),
  });
  await honourProxies({ HTTP_PROXY: proxy.url });
  const adapters = createAdapters(telegram, {
    clock,
    webhooks: noWebhooks,
    env: () => ({ TELEGRAM_BOT_TOKEN: fake.token, TELEGRAM_API_URL: 'http://api.telegram.invalid' }),
  });
  const host = createRecordingHost();
  await adapters.adapter.start(host);
  fake.say(fake.world.family, 'hello through the proxy');
  const { channelType, platformId, threadId } = await host.heard('hello through the proxy');
  await adapters.adapter.deliver(requestOf({ channelType, platformId, threadId }, textPart('hello back')));
  expect(fake.said(fake.world.family).map(({ text }) => text)).toContain('hello back');
  expect(proxy.asked.length).toBeGreaterThan(0);
  await adapters.adapter.stop();
  adapters.removeState();
  proxy.close();
  await fake.http.close();
});

it('Discord is heard through it too, by the socket of its gateway', async () => {
  const clock = createFakeClock();
  const fake = await createFakeDiscord(clock.now, 'gateway.discord.invalid:80');
  const port = Number(new URL(fake.apiUrl).port);
  const proxy = await createForwardProxy({ 'discord.invalid:80': port, 'gateway.discord.invalid:80': port });
  process.env.HTTP_PROXY = proxy.url;
  await honourProxies({});
  const adapters = createAdapters(discord, {
    clock,
    webhooks: noWebhooks,
    env: () => ({
      DISCORD_BOT_TOKEN: fake.token,
      DISCORD_API_URL: `http://discord.invalid${new URL(fake.apiUrl).pathname}`,
    }),
  });
  const host = createRecordingHost();
  await adapters.adapter.start(host);
  fake.say(fake.world.general, 'hello through the proxy', { mention: true });
  const { channelType, platformId, threadId } = await host.heard('hello through the proxy');
  await adapters.adapter.deliver(requestOf({ channelType, platformId, threadId }, textPart('hello back')));
  expect(fake.said(fake.world.general.id).map(({ content }) => content)).toContain('hello back');
  expect(proxy.asked).toContain('CONNECT gateway.discord.invalid:80');
  await adapters.adapter.stop();
  adapters.removeState();
  proxy.close();
  await fake.close();
});
