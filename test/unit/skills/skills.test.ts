import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { allowedTools, derivePermissions, settingsOf } from '../../../scripts/claude-permissions.js';
import { parseFlags } from '../../../setup/lib/flags.js';
import { flagsOf } from '../../../setup/lib/run.js';
import { stepNames, steps } from '../../../setup/steps.js';
import { channels } from '../../../src/channels/catalog/index.js';
import { SCOPES } from '../../../src/channels/slack/credentials.js';
import { codeRoot } from '../../../src/config.js';
import {
  commandsIn,
  inlineCode,
  questionsIn,
  readSkills,
  type Skill,
  shellWords,
  skillsDir,
} from './skills.js';

const skills = readSkills();
const permissions = await derivePermissions();
const names = skills.map((skill) => skill.name);
const named = skills.map((skill) => [skill.name, skill] as const);
const platforms = Object.values(channels).filter((facts) => facts.transport !== 'local');

/** All of our sources as one text: what a skill names must stand somewhere in it. */
const sources = ['setup', 'src']
  .flatMap((folder) => walk(join(codeRoot, folder)))
  .concat(join(codeRoot, 'container', 'build.ts'))
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n');

describe.each(named)('%s', (name, skill) => {
  it('has a frontmatter that says when it is used', () => {
    const { frontmatter } = skill;
    expect(frontmatter.name).toBe(name);
    expect(frontmatter.description?.length).toBeGreaterThan(80);
    expect(frontmatter.description?.length).toBeLessThan(500);
    expect(frontmatter.description).not.toMatch(/\b(I|you|your)\b/);
    expect(frontmatter.description).toMatch(/\bUsed (when|for|after)\b/);
    const known = ['name', 'description', 'allowed-tools', 'argument-hint'];
    expect(Object.keys(frontmatter).filter((key) => !known.includes(key))).toEqual([]);
    // Each is found by plain words too, so none is hidden from the model.
    expect(frontmatter['disable-model-invocation']).toBeUndefined();
  });

  it('is short', () => {
    expect(skill.lines).toBeLessThan(200);
  });

  it('may run what the classes of the steps give it, and little else', () => {
    const present = skill.frontmatter['allowed-tools'] ?? '';
    expect(present).toBe(allowedTools(present, name, permissions));
    const others = present.split(/,\s*/).filter((tool) => tool && !tool.startsWith('Bash(./wharfie '));
    // Claude Code has answered its question tool by itself, unseen, where a skill allowed it.
    const narrow = /^(Bash\(\.\/setup\.sh\)|Skill|Read\((logs\/setup\.log|docs\/\*\*|src\/\*\*)\))$/;
    expect(others.filter((tool) => !narrow.test(tool))).toEqual([]);
  });

  it('has nobody run TypeScript', () => {
    expect(skill.pages.filter(({ text }) => /npx tsx|--step /.test(text))).toEqual([]);
  });

  it('links to what is there', () => {
    const links = skill.pages.flatMap(({ text }) =>
      [...text.matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1] ?? ''),
    );
    const broken = links.filter((link) => !/^https:/.test(link) && !existsSync(join(skill.dir, link)));
    expect(broken).toEqual([]);
  });

  it('calls skills that are there', () => {
    const called = skill.pages
      .flatMap(({ text }) => inlineCode(text))
      .filter((code) => /^\/[a-z-]+(-v2)?$/.test(code));
    // Those that are typed in a chat or at a platform are none.
    const elsewhere = ['/status', '/stop', '/newbot', '/setprivacy', '/deletebot', '/revoke'];
    expect(called.filter((code) => !names.includes(code.slice(1)) && !elsewhere.includes(code))).toEqual([]);
  });

  it('runs commands that parse against the real flags', () => {
    const commands = skill.pages.flatMap(({ text }) => commandsIn(text));
    expect(commands.length).toBeGreaterThan(0);
    for (const { step, argv, text } of commands) {
      expect(() => parseFlags(argv, flagsOf(stepNamed(step))), text).not.toThrow();
    }
  });

  it('names flags, fields and codes that exist', () => {
    const code = skill.pages.flatMap(({ text }) => inlineCode(text));
    const flags = code.flatMap((one) => (one.startsWith('--') ? [one.split(/[ =]/)[0]?.slice(2) ?? ''] : []));
    expect(flags.filter((flag) => !allFlags.has(flag))).toEqual([]);
    const fields = code.flatMap((one) => /^([A-Z][A-Z_]{3,})(:|$)/.exec(one)?.[1] ?? []);
    expect(fields.filter((field) => !new RegExp(`\\b${field}\\b`).test(sources))).toEqual([]);
    const codes = code.filter((one) => /^[a-z]+(-[a-z]+)+$/.test(one) && !one.startsWith('add-'));
    expect(codes.filter((one) => !names.includes(one) && !sources.includes(`'${one}'`))).toEqual([]);
  });

  it('takes no secret and asks before it posts', () => {
    const text = skill.pages.map((page) => page.text).join('\n');
    expect(text).not.toMatch(/paste (it|the token|the key|your)/i);
    if (/--live/.test(text)) expect(text).toMatch(/ask (whether|before)/i);
  });
});

const loadedSteps = new Map(
  await Promise.all([...steps].map(async ([name, load]) => [name, await load()] as const)),
);
const allFlags = new Set([...loadedSteps.values()].flatMap((step) => flagsOf(step).map((flag) => flag.name)));

function stepNamed(name: string) {
  const step = loadedSteps.get(name);
  if (!step) throw new Error(`there is no step ${name}`);
  return step;
}

describe('skills of channels', () => {
  const skillOf = (type: string): Skill | undefined =>
    skills.find((skill) => skill.name === `add-${type}-v2`);

  it('are there for each channel of the catalog, and for no other', () => {
    const types = platforms.map((facts) => facts.type).sort();
    const added = names.flatMap((name) => /^add-(.+)-v2$/.exec(name)?.[1] ?? []).sort();
    expect(added).toEqual(types);
  });

  it.each(platforms.map((facts) => [facts.type, facts] as const))(
    '%s: state what the catalog states',
    (type, facts) => {
      const skill = skillOf(type);
      const text = skill?.pages.map((page) => page.text).join('\n') ?? '';
      for (const { name } of facts.credentials) expect(text).toContain(name);
      const prefix = new RegExp(`\\b${type.toUpperCase().replace('-', '_')}_[A-Z_]+\\b`, 'g');
      const known = facts.credentials.map((one) => one.name);
      expect(
        [...text.matchAll(prefix)].map((match) => match[0]).filter((one) => !known.includes(one)),
      ).toEqual([]);
      expect(text).not.toContain(facts.platformId.example);
      const own = commandsIn(skill?.body ?? '')
        .map((command) => command.text)
        .join('\n');
      for (const part of [
        `--enable ${type}`,
        `--auth ${type}`,
        `--channel ${type}`,
        'wharfie register',
        '--live',
      ]) {
        expect(own).toContain(part);
      }
      expect(
        existsSync(join(skill?.dir ?? '', 'VERIFY.md')) && existsSync(join(skill?.dir ?? '', 'REMOVE.md')),
      ).toBe(true);
    },
  );

  it('give Slack a manifest with all that the channel needs', () => {
    const manifest = z
      .object({
        oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
        settings: z.object({
          socket_mode_enabled: z.literal(true),
          event_subscriptions: z.object({ bot_events: z.array(z.string()) }),
        }),
      })
      .parse(JSON.parse(readFileSync(join(skillsDir, 'add-slack-v2', 'manifest.json'), 'utf8')));
    expect(manifest.oauth_config.scopes.bot).toEqual(expect.arrayContaining([...SCOPES]));
    const events = manifest.settings.event_subscriptions.bot_events;
    expect(events).toEqual(
      expect.arrayContaining(['app_mention', 'message.im', 'message.channels', 'message.groups']),
    );
  });
});

describe('the app for Teams', () => {
  const folder = join(skillsDir, 'add-teams-v2', 'app');
  const text = readFileSync(join(folder, 'manifest.json'), 'utf8');

  it('asks for what the channel needs, wherever it is added', () => {
    const manifest = z
      .object({
        id: z.literal('APP-ID'),
        bots: z.tuple([
          z.object({
            botId: z.literal('APP-ID'),
            scopes: z.array(z.string()),
            supportsFiles: z.literal(true),
          }),
        ]),
        webApplicationInfo: z.object({ id: z.literal('APP-ID') }),
        authorization: z.object({
          permissions: z.object({ resourceSpecific: z.array(z.object({ name: z.string() })) }),
        }),
      })
      .parse(JSON.parse(text));
    expect(manifest.bots[0].scopes.sort()).toEqual(['groupChat', 'personal', 'team']);
    const { resourceSpecific } = manifest.authorization.permissions;
    const wanted = ['ChannelMessage.Read.Group', 'ChatMessage.Read.Chat'];
    expect(resourceSpecific.map((permission) => permission.name)).toEqual(wanted);
  });

  it.each([
    ['color.png', 192],
    ['outline.png', 32],
  ])('%s is as large as Teams wants it', (file, size) => {
    const png = readFileSync(join(folder, file));
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([size, size]);
  });
});

describe('/setup', () => {
  it('registers a chat between the channels and the proof, and ends with the proof', () => {
    const body = skills.find((skill) => skill.name === 'setup')?.body ?? '';
    const order = [
      'environment',
      'settings',
      'timezone',
      'container',
      'credentials',
      'service',
      'channel',
      'groups',
      'register',
      'group',
      'mounts',
      'verify',
    ];
    const places = order.map((step) => body.search(new RegExp(`wharfie ${step}\\b`)));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(commandsIn(body).at(-1)?.text).toContain('wharfie verify --live');
  });

  it('asks at most nine questions with any channel, the time zone among them', () => {
    const of = (name: string) => questionsIn(skills.find((skill) => skill.name === name)?.body ?? '').length;
    expect(of('setup')).toBeGreaterThan(5);
    for (const { type } of platforms) expect(of('setup') + of(`add-${type}-v2`) + 1, type).toBeLessThan(10);
  });

  it('asks what the question tool can ask: two to four options, a short name', () => {
    const questions = skills.flatMap((skill) => questionsIn(skill.body));
    expect(
      questions.filter(
        ({ header, options }) => header.length > 12 || options.length < 2 || options.length > 4,
      ),
    ).toEqual([]);
  });

  it('names every step that a person may need', () => {
    const text = skills.flatMap((skill) => skill.pages.map((page) => page.text)).join('\n');
    expect(stepNames.filter((step) => !text.includes(`wharfie ${step}`))).toEqual([]);
  });
});

describe('.claude/settings.json', () => {
  it('is what the classes of the steps say (else: npx tsx scripts/claude-permissions.ts)', () => {
    const settings: unknown = JSON.parse(readFileSync(join(codeRoot, '.claude', 'settings.json'), 'utf8'));
    expect(settings).toEqual(settingsOf(permissions));
  });

  it('keeps secrets, conversations and what agents write from being read, and what is built from being edited', () => {
    const { claudeMdExcludes, permissions: rules } = settingsOf(permissions);
    const closed = ['.env', 'data/**', 'groups/**', 'backups/**'].map((path) => `Read(./${path})`);
    expect(rules.deny).toEqual(expect.arrayContaining([...closed, 'Read(~/.config/wharfie/**)']));
    const edits = ['./.env', './.env.*', './data/**', './groups/**', './backups/**', './dist/**'];
    expect(rules.deny).toEqual(expect.arrayContaining(edits.map((what) => `Edit(${what})`)));
    expect(claudeMdExcludes).toEqual(['**/groups/**', '**/data/**']);
    expect(rules.ask).toContain('Bash(cd *)');
  });

  it('lets nothing run unasked that is not known to look only', () => {
    const { allow } = permissions;
    expect(allow.filter((pattern) => !/^\.\/wharfie [a-z]+( --[a-z-]+)?( \*)?$/.test(pattern))).toEqual([]);
    const named = new Set(allow.map((pattern) => pattern.split(' ')[1]));
    expect(
      [...named].filter((name) => ['register', 'unregister', 'pair', 'service'].includes(name ?? '')),
    ).toEqual([]);
    expect(allow).toEqual(expect.arrayContaining(['./wharfie status', './wharfie status *']));
    expect(allow).not.toContain('./wharfie members *');
  });

  it.each([...loadedSteps])('the step %s says of each of its flags what it does', (_, step) => {
    if (typeof step.class === 'string') return;
    expect(Object.keys(step.class).sort()).toEqual(['', ...step.flags.map((flag) => flag.name)].sort());
  });
});

describe('the reader of commands', () => {
  it('reads words as a shell does', () => {
    expect(shellWords(`--a "b c" --d '{"e": 1}' <f g>`)).toEqual(['--a', 'b c', '--d', '{"e": 1}', '<f g>']);
    expect(() => shellWords('--a "b')).toThrow('not closed');
  });
});

function walk(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file));
}
