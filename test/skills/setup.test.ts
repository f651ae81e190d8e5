import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { engineSocket } from '../docker/world.js';
import { createFakeTelegram, type FakeTelegram } from '../fakes/telegram.js';
import { eventually } from '../system/eventually.js';
import { bash, blockOf, createModel, fromSkill, runClaude } from './claude.js';
import { ask, removeContainers, step } from './play.js';
import { createMachine, type Machine } from './world.js';

const KEY = 'sk-ant-api03-of-the-agents-0123456789';

let model: Awaited<ReturnType<typeof createModel>>;
let telegram: FakeTelegram;
let machine: Machine;

beforeEach(async () => {
  model = await createModel();
  telegram = await createFakeTelegram();
});
afterEach(async () => {
  await machine.remove();
  await removeContainers(machine);
  await telegram.http.close();
  await model.close();
});

describe('/setup', () => {
  it('goes from a clone to a Telegram chat that the agent answers, and verify passes', async () => {
    machine = createMachine({
      WHARFIE_DOCKER_SOCKET: engineSocket(),
      WHARFIE_IMAGE: inject('agentImage'),
      TELEGRAM_API_URL: telegram.http.origin(),
    });
    const blocks: Record<string, Record<string, string>> = {};
    const names = { assistant: 'Ada', folder: 'home', "chat's name": 'Ada', 'IANA zone': 'Europe/Berlin' };
    const args = 'Ada home main service live';
    const heard: string[] = [];
    const direct = [...telegram.world.chats.values()].find((chat) => chat.type === 'private');
    if (!direct) throw new Error('the fake has no private chat');

    const run = await runClaude({
      model,
      prompt: '/setup',
      ...machine,
      async *play(setup) {
        blocks.environment = yield* step(setup, 'wharfie environment');
        heard.push(yield* ask(setup, ['Name', 'Channel', 'Model', 'Service']));
        heard.push(yield* ask(setup, ['Web', 'Test']));
        blocks.name = yield* step(setup, 'wharfie settings', names);
        blocks.zoneAsked = yield* step(setup, 'wharfie timezone');
        blocks.zone = yield* step(setup, '--tz', names);
        blocks.container = yield* step(setup, 'wharfie container');
        blocks.noKey = yield* step(setup, '--check');
        const key = fromSkill(setup, '--provider static');
        await machine.terminal(`${key} --base-url ${model.url}`, `ANTHROPIC_API_KEY=${KEY}\n`);
        yield* ask(setup, ['Key']);
        blocks.key = yield* step(setup, '--check');
        blocks.dryRun = yield* step(setup, '--dry-run');
        blocks.service = yield* step(setup, 'wharfie service');
        blocks.channels = yield* step(setup, 'wharfie channel');

        const skill: string = yield { tools: [{ name: 'Skill', input: { skill: 'add-telegram-v2', args } }] };
        expect(skill).toContain(args);
        blocks.enabled = yield* step(skill, '--enable telegram');
        await machine.terminal(fromSkill(skill, '--auth telegram'), `TELEGRAM_BOT_TOKEN=${telegram.token}\n`);
        yield* ask(skill, ['Token']);
        blocks.token = yield* step(skill, '--auth telegram --check');
        blocks.started = yield* step(skill, 'wharfie service');
        const pair = `${fromSkill(skill, '--wait 0', names)} --is-main`;
        blocks.code = blockOf(yield bash(pair));
        telegram.say(direct, blocks.code.CODE ?? '');
        blocks.paired = yield* step(skill, '--status', { PAIRING: blocks.code.PAIRING ?? '' });

        blocks.groups = yield* step(setup, 'wharfie groups');
        blocks.web = yield* step(setup, '--egress web', names);
        blocks.verify = yield* step(setup, 'wharfie verify --live');
        return 'Everything is ready: write to Ada in Telegram.';
      },
    });

    expect(run.exitCode).toBe(0);
    expect(run.skills).toEqual(expect.arrayContaining(['setup', 'add-telegram-v2', 'wharfie-verify']));
    // Eight here and the time zone's: a person is asked no more than nine times.
    expect(run.questions).toHaveLength(8);
    expect(new Set(run.questions).size).toBe(8);
    expect(heard.join()).toContain('Telegram');
    // Each answer kept the turn, and with it what the skill may run: only grants were asked about.
    expect(run.asked.filter((command) => !/--is-main|--egress web/.test(command))).toEqual([]);
    expect(blocks.name).toMatchObject({ ASSISTANT_NAME: 'Ada' });
    expect(blocks.environment).toMatchObject({
      STATUS: 'success',
      DOCKER_USABLE: 'true',
      CREDENTIAL: 'missing',
    });
    expect(blocks.zone).toMatchObject({ TIMEZONE: 'Europe/Berlin' });
    expect(blocks.container).toMatchObject({ TEST: 'passed' });
    expect(blocks.noKey).toMatchObject({ ERROR: 'credential-missing' });
    expect(blocks.key).toMatchObject({ CONTAINER_CHECK: 'accepted', DIRECT_NETWORK: 'refused' });
    expect(blocks.enabled).toMatchObject({ STATUS: 'success', START: 'passed' });
    expect(blocks.token).toMatchObject({ STATUS: 'success', CHECK: 'accepted' });
    expect(blocks.started).toMatchObject({ RUNNING: 'true' });
    expect(blocks.paired).toMatchObject({
      RESULT: 'paired',
      PLATFORM_ID: `telegram:${direct.id}`,
      FOLDER: 'home',
    });
    expect(blocks.groups?.CHATS).toContain(`telegram:${direct.id}`);
    expect(blocks.verify?.FINDINGS).not.toContain('"error"');
    expect(blocks.verify).toMatchObject({
      RESULT: 'ready',
      ROUND_TRIP: 'passed',
      ANSWERED_BY: 'claude',
      LIVE: '1 of 1',
      HOST: 'running',
    });
    // Neither secret was ever in the conversation.
    const talked = JSON.stringify(
      model.calls.filter((call) => call.tools.includes('Skill')).map((call) => call.body),
    );
    expect(talked).not.toContain(KEY);
    expect(talked).not.toContain(telegram.token);

    telegram.say(direct, 'hello there');
    await eventually(() =>
      telegram.said(direct).some((said) => said.text?.includes('You wrote: hello there')),
    );
  });

  it('ends with the honest result where there is no Docker', async () => {
    machine = createMachine({ WHARFIE_DOCKER_SOCKET: '/nonexistent/docker.sock' });
    const blocks: Record<string, Record<string, string>> = {};
    await runClaude({
      model,
      prompt: '/setup',
      ...machine,
      async *play(setup) {
        blocks.environment = yield* step(setup, 'wharfie environment');
        blocks.container = yield* step(setup, 'wharfie container');
        blocks.service = yield* step(setup, 'wharfie service');
        blocks.verify = yield* step(setup, 'wharfie verify --live');
        return `Not ready: ${blocks.verify.MESSAGE}`;
      },
    });
    expect(blocks.environment?.DOCKER_FIX).toMatch(/docker/i);
    expect(blocks.container).toMatchObject({ STATUS: 'failed' });
    expect(blocks.verify).toMatchObject({
      STATUS: 'failed',
      RESULT: 'not-ready',
      ROUND_TRIP: 'passed',
      ANSWERED_BY: 'mock',
    });
    expect(blocks.verify?.FINDINGS).toContain('only-mock');
  });
});
