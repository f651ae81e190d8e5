import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { engineSocket } from '../docker/world.js';
import { createFakeDiscord, type FakeDiscord } from '../fakes/discord.js';
import { createFakeSlack, type FakeSlack } from '../fakes/slack.js';
import { eventually } from '../system/eventually.js';
import { createModel, fromSkill, type Play, runClaude } from './claude.js';
import { type Blocks, removeContainers, step } from './play.js';
import { createMachine, type Machine } from './world.js';

const KEY = 'sk-ant-api03-of-the-agents-0123456789';
const TOKEN = `${'A'.repeat(24)}.abcdef.${'B'.repeat(38)}`;

let model: Awaited<ReturnType<typeof createModel>>;
let discord: FakeDiscord;
let slack: FakeSlack;
let machine: Machine;

/** An installation that runs: the skills below find it one after another, each as the one before has left it. */
beforeAll(async () => {
  [model, discord, slack] = await Promise.all([createModel(), createFakeDiscord(), createFakeSlack()]);
  discord.token = TOKEN;
  machine = createMachine({
    WHARFIE_DOCKER_SOCKET: engineSocket(),
    WHARFIE_IMAGE: inject('agentImage'),
    DISCORD_API_URL: discord.apiUrl,
    SLACK_API_URL: slack.apiUrl,
  });
  const key = `./wharfie credentials --provider static --base-url ${model.url}`;
  expect(await machine.terminal(key, `ANTHROPIC_API_KEY=${KEY}\n`)).toMatchObject({ code: 0 });
  expect(await machine.terminal('./wharfie service')).toMatchObject({ code: 0 });
}, 300_000);
afterAll(async () => {
  await machine.remove();
  await removeContainers(machine);
  await Promise.all([discord.close(), slack.close(), model.close()]);
});

const claude = (prompt: string, play: Play) =>
  runClaude({ model, prompt, root: machine.root, home: machine.home, env: machine.env, play });

/** What the model was shown and has said: no secret may ever be in it. */
const conversation = () =>
  JSON.stringify(model.calls.filter((call) => call.tools.includes('Bash')).map((call) => call.body));

describe('skills on a running host', () => {
  it('/add-discord-v2 ends with a channel that is answered, and verify has seen it', async () => {
    const blocks: Blocks = {};
    const names = { assistant: 'Ada', folder: 'home', "chat's name": 'General' };
    const run = await claude('/add-discord-v2', async function* (skill) {
      blocks.channels = yield* step(skill, '--list --channel discord --json');
      blocks.status = yield* step(skill, 'wharfie status');
      blocks.enabled = yield* step(skill, '--enable discord');
      await machine.terminal(fromSkill(skill, '--auth discord'), `DISCORD_BOT_TOKEN=${TOKEN}\n`);
      blocks.token = yield* step(skill, '--auth discord --check');
      blocks.service = yield* step(skill, 'wharfie service');
      await eventually(() => discord.gateway.connected() > 0);
      const { CODE = '', PAIRING = '' } = yield* step(skill, '--wait 0', names);
      discord.say(discord.world.general, CODE, { mention: true });
      blocks.paired = yield* step(skill, '--status', { PAIRING });
      blocks.verify = yield* step(skill, '--live');
      return 'Discord is connected.';
    });
    expect(run.exitCode).toBe(0);
    expect(blocks.enabled).toMatchObject({ STATUS: 'success', START: 'passed' });
    expect(blocks.token).toMatchObject({ STATUS: 'success', CHECK: 'accepted' });
    expect(blocks.service).toMatchObject({ RUNNING: 'true' });
    expect(blocks.paired).toMatchObject({ RESULT: 'paired', FOLDER: 'home' });
    expect(blocks.verify).toMatchObject({ RESULT: 'ready', LIVE: '1 of 1', ANSWERED_BY: 'claude' });
    discord.say(discord.world.general, 'hello there', { mention: true });
    await eventually(() =>
      discord.said(discord.world.general.id).some((one) => /You wrote: .*hello there/.test(one.content)),
    );
    expect(conversation()).not.toContain(TOKEN);
  });

  it('/add-slack-v2 installs its package, says honestly that a token is refused, and ends with an answer', async () => {
    const blocks: Blocks = {};
    const names = { assistant: 'Ada', folder: 'work', "chat's name": 'Ada at work' };
    const auth = (skill: string, bot: string) =>
      machine.terminal(
        fromSkill(skill, '--auth slack'),
        `SLACK_BOT_TOKEN=${bot}\nSLACK_APP_TOKEN=${slack.appToken}\n`,
      );
    await claude('/add-slack-v2', async function* (skill) {
      blocks.enabled = yield* step(skill, '--enable slack');
      blocks.none = yield* step(skill, '--auth slack --check');
      const refused = await auth(skill, 'xoxb-somebody-elses-token-000000000000');
      expect(refused.output).toContain('ERROR: credential-refused');
      blocks.refused = yield* step(skill, '--auth slack --check');
      return `Not connected yet: ${blocks.refused.MESSAGE}`;
    });
    expect(blocks.enabled).toMatchObject({ STATUS: 'success', TYPE_CHECK: 'passed', START: 'passed' });
    // What the platform refuses is not kept, so what is missing is still missing: nothing claims more.
    expect(blocks.none).toMatchObject({ STATUS: 'failed', ERROR: 'credential-missing' });
    expect(blocks.refused).toMatchObject({ STATUS: 'failed', ERROR: 'credential-missing' });

    await claude('/add-slack-v2', async function* (skill) {
      blocks.again = yield* step(skill, '--enable slack');
      await auth(skill, slack.botToken);
      blocks.token = yield* step(skill, '--auth slack --check');
      blocks.service = yield* step(skill, 'wharfie service');
      await eventually(() => slack.socket.connections() > 0);
      const { CODE = '', PAIRING = '' } = yield* step(skill, '--wait 0', names);
      slack.say(slack.world.direct, CODE);
      blocks.paired = yield* step(skill, '--status', { PAIRING });
      blocks.verify = yield* step(skill, '--live');
      return 'Slack is connected.';
    });
    expect(blocks.again).toMatchObject({ STATUS: 'skipped' });
    expect(blocks.token).toMatchObject({ CHECK: 'accepted' });
    expect(blocks.paired).toMatchObject({ RESULT: 'paired', PLATFORM_ID: `slack:${slack.world.direct}` });
    expect(blocks.verify).toMatchObject({ RESULT: 'ready', LIVE: '1 of 1' });
    slack.say(slack.world.direct, 'hello slack');
    await eventually(() =>
      slack.said(slack.world.direct).some((one) => /You wrote: .*hello slack/.test(one.text)),
    );
    expect(conversation()).not.toContain(slack.botToken);
    expect(conversation()).not.toContain(slack.appToken);
  });

  it('/register-groups wires one more chat without a restart; a wrong id ends with what a right one is', async () => {
    const blocks: Blocks = {};
    const wrong = {
      'platform id': 'telegram:hello',
      assistant: 'Ada',
      folder: 'home',
      "chat's name": 'Work',
    };
    const right = { ...wrong, 'platform id': `slack:${slack.world.general}` };
    await claude('/register-groups', async function* (skill) {
      blocks.groups = yield* step(skill, 'wharfie groups');
      blocks.agents = yield* step(skill, 'wharfie group --');
      blocks.wrong = yield* step(skill, 'wharfie register', wrong);
      return `It was not registered: ${blocks.wrong.FIX}`;
    });
    expect(blocks.groups?.CHATS).toContain(`discord:${discord.world.guildId}:${discord.world.general.id}`);
    expect(blocks.wrong).toMatchObject({ STATUS: 'failed', ERROR: 'platform-id-invalid' });
    expect(blocks.wrong?.FIX).toMatch(/telegram:/);
    await claude('/register-groups', async function* (skill) {
      blocks.right = yield* step(skill, 'wharfie register', right);
      const { output } = await machine.terminal('./wharfie groups --list');
      expect(output).not.toContain('telegram:hello');
      blocks.verify = yield* step(skill, '--live');
      return 'The chat is registered.';
    });
    expect(blocks.right).toMatchObject({ STATUS: 'success', PLATFORM_ID: `slack:${slack.world.general}` });
    expect(blocks.verify).toMatchObject({ RESULT: 'ready', LIVE: '3 of 3', HOST: 'running' });
    slack.say(slack.world.general, '@Ada hello again');
    await eventually(() => slack.said(slack.world.general).some((one) => one.text.includes('hello again')));
  });
});
