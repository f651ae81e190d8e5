import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { normalizePlatformId } from '../../src/channels/catalog/index.js';
import { systemClock } from '../../src/clock.js';
import { listAudit } from '../../src/db/central/audit.js';
import { openCentralDb } from '../../src/db/central/index.js';
import { createRegistration } from '../../src/people/registration/index.js';
import { createFakeDiscord, type FakeUser } from '../fakes/discord.js';
import { createFakeOneCli } from '../fakes/onecli.js';
import { eventually } from '../system/eventually.js';
import { createInstallation } from '../system/host-process.js';

/** The real host on Discord and OneCLI; Ada owns the main group's chat. */
async function setUp() {
  const [discord, onecli] = [await createFakeDiscord(), await createFakeOneCli({})];
  const home = createInstallation({
    ...{ DISCORD_BOT_TOKEN: discord.token, DISCORD_API_URL: discord.apiUrl },
    ...{ WHARFIE_CREDENTIALS: 'onecli', ONECLI_URL: onecli.url, ONECLI_API_KEY: onecli.apiKey },
    WHARFIE_DOCKER_SOCKET: '/nonexistent/docker.sock',
  });
  onTestFinished(async () => {
    await home.remove();
    await discord.close();
    await onecli.close();
  });
  mkdirSync(path.join(home.home, 'data'), { recursive: true });
  const db = openCentralDb(path.join(home.home, 'data', 'v2.db'));
  onTestFinished(() => void db.close());
  const registration = createRegistration({
    db,
    clock: systemClock,
    normalizePlatformId,
    assistantName: 'Andy',
  });
  const { general, ada, guildId } = discord.world;
  const { agentGroup } = registration.register({
    ...{
      channelType: 'discord',
      platformId: `discord:${guildId}:${general.id}`,
      name: 'general',
      folder: 'main',
    },
    ...{ isGroup: true, isMain: true, adminUserId: `discord:${ada.id}`, trigger: '@Andy' },
  });
  const connected = discord.gateway.identified;
  const host = await home.start();
  await eventually(() => discord.gateway.identified > connected, 'the host on Discord');
  const hold = (id: string, ms = 60_000) =>
    onecli.hold({
      ...{ id, method: 'DELETE', url: 'https://files.example/all', bodyPreview: 'everything' },
      agent: { id: '1', name: 'x', externalId: agentGroup.id.replaceAll('_', '-') },
      expiresAt: new Date(systemClock.now() + ms).toISOString(),
    });
  const said = () => discord.said(general.id);
  const asked = (count: number) =>
    eventually(() => {
      const questions = said().filter(({ components }) => components.length > 0);
      return questions.length === count && (questions.at(-1) ?? false);
    }, 'the question');
  return { discord, home, host, hold, said, asked, ada, audit: () => listAudit(db, 20) };
}

it('what OneCLI holds is asked in the main chat, and only its owner’s click lets it through', async () => {
  const { discord, host, hold, said, asked, ada, audit } = await setUp();
  const eve: FakeUser = { id: discord.world.nextId(), username: 'eve', global_name: 'Ada' };
  const held = hold('first');
  const question = await asked(1);
  expect(
    said()
      .map(({ content }) => content)
      .join('\n'),
  ).toContain('DELETE https://files.example/all');
  discord.click(question, eve, 'Approve');
  await eventually(() => said().some(({ content }) => content.includes('Only the owner')), 'the refusal');
  discord.click(question, ada, 'Approve');
  expect(await held).toBe('approve');
  await eventually(() => said().some(({ content }) => content.includes('Approved by Ada')), 'the outcome');

  const denied = hold('second');
  discord.click(await asked(2), ada, 'Deny');
  expect(await denied).toBe('deny');
  expect(await hold('third', 1000)).toBe('deny');
  const decided = audit().filter(({ action }) => action === 'approval.decided');
  expect(decided.map(({ actor, detail }) => [actor, detail?.decision])).toEqual([
    ['host', 'deny'],
    [`discord:${ada.id}`, 'deny'],
    [`discord:${ada.id}`, 'approve'],
  ]);
  expect(await host.stop()).toBe(0);
});

it('what waits while the host is killed is asked anew, and can still be decided', async () => {
  const { discord, host, home, hold, asked, ada } = await setUp();
  const held = hold('first');
  await asked(1);
  await host.kill();
  const next = await home.start();
  discord.click(await asked(2), ada, 'Approve');
  expect(await held).toBe('approve');
  expect(await next.stop()).toBe(0);
});
