import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { editBarrel } from '../../setup/channel/barrel.js';
import { installedVersion } from '../../setup/channel/package.js';
import { channels } from '../../src/channels/catalog/index.js';
import { commandsIn, readSkills } from '../unit/skills/skills.js';
import { bash, blockOf, createModel, runClaude } from './claude.js';
import { createMachine, type Machine } from './world.js';

/** Every channel that can be added: a new one in the catalog is looked at without a line here. */
const platforms = Object.values(channels).filter((facts) => facts.transport !== 'local');

let model: Awaited<ReturnType<typeof createModel>>;
let machine: Machine;

beforeAll(async () => {
  model = await createModel();
  machine = createMachine({ WHARFIE_DOCKER_SOCKET: '/nonexistent/docker.sock' });
});
afterAll(async () => {
  await machine.remove();
  await model.close();
});

/** What the prose leaves open, with quotes where the prose has them. */
const filled = (command: string, id: string) =>
  command
    .replaceAll('<platform id>', id)
    .replaceAll('<folder>', 'home')
    .replaceAll("<chat's name>", `Ada's chat 🛳`)
    .replaceAll('<assistant>', 'Ada')
    .replaceAll(/<[^>]+>/g, 'x');

/** What each step must not end in: a command that the prose has wrong. */
const WRONG = [
  'unknown-step',
  'unknown-flag',
  'missing-flag',
  'unexpected-argument',
  'usage',
  'unknown-channel',
];
/** They need the person or a running host: their own tests have them. */
const LEFT_OUT = /wharfie (service|verify|pair)\b|--auth (?!.*--check)/;

describe('each add-skill', () => {
  it.each(platforms.map((facts) => [facts.type, facts] as const))(
    '%s: is loaded by Claude Code, and its commands run as they stand',
    async (type, facts) => {
      const ran: Record<string, string>[] = [];
      let commands: string[] = [];
      const run = await runClaude({
        model,
        prompt: `/add-${type}-v2`,
        root: machine.root,
        home: machine.home,
        env: machine.env,
        async *play(skill) {
          // What Claude Code sends holds CLAUDE.md too, whose commands are none of this skill's.
          const own = readSkills().find((one) => one.name === `add-${type}-v2`);
          const called = commandsIn(own?.body ?? '').map((command) => command.text);
          expect(called.filter((text) => !skill.includes(text))).toEqual([]);
          commands = [...new Set(called)]
            .filter((text) => !LEFT_OUT.test(text))
            .map((text) => filled(text, facts.platformId.example));
          for (const command of commands) ran.push(blockOf(yield bash(command)));
          return 'That is what can be done without the person.';
        },
      });
      expect(run).toMatchObject({ exitCode: 0, skills: expect.arrayContaining([`add-${type}-v2`]) });
      // Claude Code let every one of them run, and none is a command that does not exist.
      expect(run.ran.map((one) => one.command)).toEqual(commands);
      expect(ran.map((block) => block.ERROR).filter((code) => WRONG.includes(code ?? ''))).toEqual([]);
      const at = (part: string) => ran[commands.findIndex((command) => command.includes(part))];
      expect(at(`--enable ${type}`)).toMatchObject({ ENABLED: 'true' });
      expect(at('--check')).toMatchObject({ ERROR: 'credential-missing' });
      expect(at('wharfie register')).toMatchObject({
        STATUS: 'success',
        CHANNEL: type,
        PLATFORM_ID: expect.stringMatching(facts.platformId.pattern),
      });
      if (facts.package)
        expect(installedVersion(machine.root, facts.package.name)).toBe(facts.package.version);
      const barrel = readFileSync(join(machine.root, 'src/channels/index.ts'), 'utf8');
      expect(editBarrel(barrel, type, true)).toBe(barrel);
    },
  );
});
