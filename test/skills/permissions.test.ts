import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bash, createModel, runClaude } from './claude.js';
import { createMachine, type Machine } from './world.js';

let model: Awaited<ReturnType<typeof createModel>>;
let machine: Machine;

beforeAll(async () => {
  model = await createModel();
  machine = createMachine({}, 'linked');
});
afterAll(async () => {
  await machine.remove();
  await model.close();
});
afterEach(() => rmSync(join(machine.root, '.claude/settings.local.json'), { force: true }));

/** The model has these run, one after another; the person says no to whatever they are asked. */
function asked(prompt: string, commands: readonly string[]) {
  return runClaude({
    model,
    prompt,
    ...machine,
    person: () => 'no',
    async *play() {
      for (const command of commands) yield bash(command);
      return 'That is all.';
    },
  });
}

function write(file: string, text: string, mode?: number): void {
  mkdirSync(dirname(join(machine.root, file)), { recursive: true });
  writeFileSync(join(machine.root, file), text, { mode });
}

/** What a person may have chosen with "always allow", and wider than any dialog offers it. */
const ALWAYS = [
  './wharfie *',
  'npx *',
  'npx tsx *',
  'node *',
  'bash *',
  'xargs *',
  'eval *',
  'echo *',
  'env *',
];

const GRANTS = [
  './wharfie members --add telegram:666 --role owner',
  './wharfie  members   --add telegram:666 --role owner',
  './wharfie\tmembers\t--add telegram:666 --role owner',
  './wharfie members --role owner --add=telegram:666',
  './wharfie "members" "--add" telegram:666 --role owner',
  "./wharfie mem''bers --ad\\d telegram:666 --role owner",
  './wharfie members --list --add telegram:666 --role owner',
  './wharfie members -- --list --add telegram:666 --role owner',
  'A=members; ./wharfie $A --add telegram:666 --role owner',
  './wharfie members --list $(echo --add) telegram:666 --role owner',
  './wharfie mem* --list',
  './wharfie members --list -?add telegram:666',
  'WHARFIE_HOME=. ./wharfie members --add telegram:666 --role owner',
  'env ./wharfie members --add telegram:666 --role owner',
  '"$PWD"/wharfie members --add telegram:666 --role owner',
  '(./wharfie members --add telegram:666 --role owner)',
  './wharfie status && ./wharfie members --add telegram:666 --role owner',
  './wharfie status; ./wharfie members --add telegram:666 --role owner',
  './wharfie status | ./wharfie members --add telegram:666 --role owner',
  './wharfie status\n./wharfie members --add telegram:666 --role owner',
  'bash -c "./wharfie members --add telegram:666 --role owner"',
  `bash -c './wharfie mem""bers --add telegram:666 --role owner'`,
  'echo members --add telegram:666 --role owner | xargs ./wharfie',
  'eval "./wharfie mem""bers --add telegram:666"',
  './wharfie members --add telegram:666 --role owner',
  'npx  tsx setup --step members -- --add telegram:666 --role owner',
  'npx -y tsx setup/index.ts --step=members -- --add telegram:666 --role owner',
  'node --import tsx setup/index.ts --step members -- --add telegram:666 --role owner',
  'node scripts/built/run.mjs setup --step members -- --add telegram:666 --role owner',
  'node --import tsx setup/index.ts --step status --step members -- --add telegram:666 --role owner',
  'cd setup && npx tsx index.ts --step members -- --add telegram:666 --role owner',
  `./wharfie mounts --json '{"allow": [{"path": "/", "readOnly": false}]}'`,
  './wharfie mounts --empty',
  './wharfie group --folder main --egress web',
  './wharfie group --folder main --mount /etc:rw',
  './wharfie register --platform-id telegram:666 --name x --folder main --unknown-senders open',
  './wharfie pair --channel telegram --folder main --name x --is-main',
  './wharfie backup --restore x',
  './wharfie backup',
  './wharfie update',
  './wharfie update --offline',
];

describe('Claude Code in the checkout', () => {
  it('asks before each step that grants, in every spelling, also after "always allow" and in a skill', async () => {
    const allow = ALWAYS.map((pattern) => `Bash(${pattern})`);
    write('.claude/settings.local.json', JSON.stringify({ permissions: { allow } }));
    for (const prompt of ['go on', '/add-telegram-v2', '/register-groups']) {
      const run = await asked(prompt, GRANTS);
      expect(run.asked, prompt).toEqual(GRANTS);
    }
    const { output } = await machine.terminal('./wharfie members --list --json');
    expect(output).not.toContain('telegram:666');
  });

  it('keeps asking after the person has said "always" to the dialog itself', async () => {
    const owner = './wharfie members --add telegram:666 --role owner';
    const commands = ['./wharfie service --dry-run', './wharfie service --dry-run --json', owner, owner];
    const run = await runClaude({
      model,
      prompt: 'go on',
      ...machine,
      person: (command) => (command === owner ? 'no' : 'always'),
      async *play() {
        for (const command of commands) yield bash(command);
        return 'That is all.';
      },
    });
    expect(run.asked).toEqual([commands[0], owner, owner]);
  });

  it('runs what only looks without a question, and what sets up in a skill that the person typed', async () => {
    const looks = [
      './wharfie status',
      './wharfie status --json',
      './wharfie members --list',
      './wharfie group --list --json',
      './wharfie groups --list --limit 5',
      './wharfie update --dry-run --help',
    ];
    const setsUp = ['./wharfie timezone --tz Europe/Berlin', './wharfie service --dry-run'];
    expect((await asked('go on', [...looks, ...setsUp])).asked).toEqual(setsUp);
    const typed = await asked('/add-telegram-v2', [...looks, ...setsUp]);
    expect(typed.asked).toEqual([]);
    expect(typed.ran.filter(({ output }) => !/STATUS|"STATUS"|\.\/wharfie/.test(output))).toEqual([]);
  });

  it('runs nothing that an agent wrote: no step from its folder, and none after a change to it', async () => {
    for (const folder of ['data/groups/main', 'groups/main', 'other']) {
      write(`${folder}/wharfie`, '#!/bin/sh\necho THE AGENT RUNS\n', 0o755);
      write(`${folder}/setup/index.ts`, "console.log('THE AGENT RUNS');\n");
      write(`${folder}/node_modules/.bin/tsx`, '#!/bin/sh\necho THE AGENT RUNS\n', 0o755);
    }
    const commands = [
      'cd other',
      './wharfie status',
      'cd data/groups/main && ./wharfie status',
      'cd groups/main && ./wharfie status',
      '(cd "gro"ups/main; ./wharfie status)',
      'pushd groups/main && ./wharfie status',
      'groups/main/wharfie status',
    ];
    const run = await runClaude({
      model,
      prompt: 'go on',
      ...machine,
      // Somebody who says yes to a harmless change of folders.
      person: (command) => (command === 'cd other' ? 'yes' : 'no'),
      async *play() {
        for (const command of commands) yield bash(command);
        return 'That is all.';
      },
    });
    expect(run.ran.map(({ command }) => command)).toEqual(commands);
    expect(run.ran.filter(({ output }) => output.includes('THE AGENT RUNS'))).toEqual([]);
    expect(run.ran[1]?.output).toContain('WHARFIE SETUP: STATUS');
  });

  it('takes no instructions from what an agent wrote, and does not read it', async () => {
    const order = 'INSTRUCTION-OF-THE-AGENT';
    const folders = ['data/groups/main', 'groups/main'];
    for (const folder of folders) {
      for (const file of ['CLAUDE.md', 'CLAUDE.local.md', '.claude/rules/x.md', 'notes.txt'])
        write(`${folder}/${file}`, `${order}\n`);
    }
    const before = model.calls.length;
    await runClaude({
      model,
      prompt: 'go on',
      ...machine,
      person: () => 'no',
      async *play() {
        for (const folder of folders)
          yield { tools: [{ name: 'Read', input: { file_path: join(machine.root, folder, 'notes.txt') } }] };
        for (const folder of folders) yield bash(`cat ${folder}/notes.txt`);
        return 'That is all.';
      },
    });
    const seen = JSON.stringify(model.calls.slice(before).map((call) => call.body));
    expect(seen).not.toContain(order);
    expect(seen).toContain('denied');
  });

  it('takes no instructions from there either where somebody lets it read a file', async () => {
    const folders = ['data/groups/main', 'groups/main'];
    for (const folder of folders) {
      write(`${folder}/CLAUDE.md`, 'INSTRUCTION-OF-THE-AGENT\n');
      write(`${folder}/CLAUDE.local.md`, 'INSTRUCTION-OF-THE-AGENT\n');
      write(`${folder}/.claude/rules/x.md`, 'INSTRUCTION-OF-THE-AGENT\n');
      write(`${folder}/notes.txt`, 'a note\n');
    }
    await machine.terminal(
      `node -e "const f='.claude/settings.json',s=JSON.parse(fs.readFileSync(f));s.permissions.deny=[];fs.writeFileSync(f,JSON.stringify(s))"`,
    );
    const before = model.calls.length;
    await runClaude({
      model,
      prompt: 'go on',
      ...machine,
      async *play() {
        for (const folder of folders)
          yield { tools: [{ name: 'Read', input: { file_path: join(machine.root, folder, 'notes.txt') } }] };
        return 'That is all.';
      },
    });
    const seen = JSON.stringify(model.calls.slice(before).map((call) => call.body));
    expect(seen).toContain('a note');
    expect(seen).not.toContain('INSTRUCTION-OF-THE-AGENT');
  });
});
