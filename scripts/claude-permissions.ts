import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Step } from '../setup/lib/step.js';
import { steps } from '../setup/steps.js';
import { codeRoot } from '../src/config.js';

/** What Claude Code may run in this checkout, as patterns of commands. */
export interface Permissions {
  /** Without a question. */
  allow: string[];
  /** Without a question in a skill that the person typed: `/setup` and `/add-*`. */
  skills: string[];
  /** Only after a question, also where the person once chose "always allow". */
  ask: string[];
}

/** How a step is called otherwise, by whatever program: `./wharfie members`. */
const anyCallOf = (name: string) => `*--step*${name}*`;

/**
 * The patterns of one step. The rules of the person who says "always allow" may be as wide as `./wharfie *`: a class is
 * kept by what is asked, so the patterns of `ask` begin with `*` (an assignment, `env`, an absolute path) and name every
 * flag that grants. Claude Code takes quotes, backslashes and blanks away before it compares.
 */
function permissionsOf({ name, class: classes, flags }: Step): Permissions {
  const call = `./wharfie ${name}`;
  if (typeof classes === 'string') {
    const both = [call, `${call} *`];
    return {
      allow: classes === 'reads' ? both : [],
      skills: classes === 'sets-up' ? both : [],
      ask: classes === 'grants' ? [`*wharfie ${name}`, `*wharfie ${name} *`, anyCallOf(name)] : [],
    };
  }
  const own = flags.map((flag) => ({ ...flag, class: classes[flag.name] }));
  const modifiers = own.filter((flag) => flag.class === 'modifies');
  const json = own.some((flag) => flag.name === 'json') ? [] : ['json'];
  // What leaves a call without a granting flag what it is, where that grants already.
  const bare = classes[''] === 'grants' ? [...modifiers.map((flag) => flag.name), ...json] : [];
  const granting = [...own.filter((flag) => flag.class === 'grants').map((flag) => flag.name), ...bare];
  const looks = own.filter((flag) => flag.class === 'reads' && flag.kind === 'switch');
  const switches = modifiers.filter((flag) => flag.kind === 'switch').map((flag) => flag.name);
  const setsUp = Object.values(classes).includes('sets-up');
  return {
    allow: [
      ...(classes[''] === 'reads'
        ? [call, ...[...switches, ...json].map((flag) => `${call} --${flag}`)]
        : []),
      // A switch that only looks is refused beside a flag that does not, so what follows it is free.
      ...looks.flatMap((flag) => [`${call} --${flag.name}`, `${call} --${flag.name} *`]),
    ],
    skills: setsUp ? [call, `${call} *`] : [],
    ask: [
      ...(classes[''] === 'grants' ? [`*wharfie ${name}`] : []),
      ...granting.map((flag) => `*wharfie ${name} *--${flag}*`),
      ...(granting.length > 0 ? [anyCallOf(name)] : []),
    ],
  };
}

/**
 * Whatever may hide a step from these patterns, or have an agent's code run in its place: `cd` into a folder where the
 * agent wrote a `wharfie`, words that only the shell or another program completes, TypeScript of any kind.
 */
const HIDES = [
  ...['cd *', 'pushd *', 'bash *', 'sh *', 'eval *', 'xargs *', 'npx *tsx*'],
  ...['*', '?', '[', '{'].map((mark) => `*wharfie *${mark === '*' ? '\\*' : mark}*`),
];

/** Secrets, conversations, and what agents write: none of it is to be read as instructions. */
const CLOSED = ['./.env', './.env.*', './data/**', './groups/**', './backups/**', '~/.config/wharfie/**'];
/** What runs in the place of the sources: nobody would see a change to it. */
const BUILT = ['Edit(./dist/**)'];
const CLOSED_FOLDERS = ['data', './data', 'groups', './groups', '*data/groups/'].map((dir) => `cd ${dir}*`);

export async function derivePermissions(): Promise<Permissions> {
  const all = await Promise.all([...steps.values()].map(async (load) => permissionsOf(await load())));
  return {
    allow: all.flatMap((one) => one.allow),
    skills: all.flatMap((one) => one.skills),
    ask: [...HIDES, ...all.flatMap((one) => one.ask)],
  };
}

const bash = (pattern: string) => `Bash(${pattern})`;

/** `.claude/settings.json`, whole. */
/** Where there is no Node.js, or the script cannot tell, the session begins without a word. */
const SESSION_START =
  'PATH="$PATH:$CLAUDE_PROJECT_DIR/.node/bin" node "$CLAUDE_PROJECT_DIR/scripts/session-start.mjs" 2>/dev/null || true';

export function settingsOf(permissions: Permissions) {
  return {
    // Relative patterns exclude nothing: these are compared with whole paths.
    claudeMdExcludes: ['**/groups/**', '**/data/**'],
    // Each command begins in the checkout: a folder that one has changed to does not stick.
    env: { CLAUDE_BASH_MAINTAIN_PROJECT_WORKING_DIR: '1' },
    // One line on where the installation stands.
    hooks: {
      SessionStart: [
        {
          matcher: 'startup|resume|clear',
          hooks: [{ type: 'command', command: SESSION_START, timeout: 15 }],
        },
      ],
    },
    permissions: {
      allow: permissions.allow.map(bash),
      ask: permissions.ask.map(bash),
      deny: [
        ...['Read', 'Edit'].flatMap((tool) => CLOSED.map((path) => `${tool}(${path})`)),
        ...BUILT,
        ...CLOSED_FOLDERS.map(bash),
      ],
    },
  };
}

/** Skills whose work is a set-up; the others get by with what reads, and each other command is asked about. */
export const setsUp = (skill: string) => skill === 'setup' || skill.startsWith('add-');

/** The value of `allowed-tools` with its commands of steps replaced by these. */
export function allowedTools(present: string, skill: string, permissions: Permissions): string {
  const others = present.split(/,\s*/).filter((tool) => !/^Bash\((?!\.\/setup\.sh\))/.test(tool));
  return [...(setsUp(skill) ? permissions.skills.map(bash) : []), ...others].join(', ');
}

/** Writes both anew from the classes of the steps. */
async function write(): Promise<void> {
  const permissions = await derivePermissions();
  const folder = join(codeRoot, '.claude');
  writeFileSync(join(folder, 'settings.json'), `${JSON.stringify(settingsOf(permissions), null, 2)}\n`);
  for (const skill of readdirSync(join(folder, 'skills'))) {
    const file = join(folder, 'skills', skill, 'SKILL.md');
    if (!existsSync(file)) continue;
    const text = readFileSync(file, 'utf8');
    const edited = text.replace(
      /^allowed-tools: (.*)$/m,
      (_, present: string) => `allowed-tools: ${allowedTools(present, skill, permissions)}`,
    );
    if (edited !== text) writeFileSync(file, edited);
  }
  execFileSync(join(codeRoot, 'node_modules', '.bin', 'biome'), ['format', '--write', folder], {
    stdio: 'ignore',
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await write();
