import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { codeRoot, findCodeRoot } from '../../src/config.js';
import { eventually } from '../system/eventually.js';
import { createInstallation, type Installation } from '../system/host-process.js';

const PARTS = ['src', 'setup', 'scripts', 'package.json', 'package-lock.json', 'tsconfig.json', 'wharfie'];
const buildSchema = z.object({ id: z.string(), files: z.array(z.string()) });

let root: string;
let home: Installation;

let template: string;

/** A checkout as npm leaves it, with a build. */
beforeAll(() => {
  template = root = mkdtempSync(join(tmpdir(), 'wharfie-built-'));
  for (const part of PARTS) cpSync(join(codeRoot, part), join(root, part), { recursive: true });
  cpSync(join(codeRoot, 'container'), join(root, 'container'), {
    recursive: true,
    filter: (file) => !file.endsWith('node_modules'),
  });
  symlinkSync(join(codeRoot, 'node_modules'), join(root, 'node_modules'));
  build();
});
afterAll(() => rmSync(template, { recursive: true, force: true }));

/** A copy that its test may change. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'wharfie-built-'));
  cpSync(template, root, { recursive: true, preserveTimestamps: true });
  home = createInstallation({}, { root });
});
afterEach(async () => {
  await home.remove();
  rmSync(root, { recursive: true, force: true });
});

const dist = (...path: string[]) => join(root, 'dist', ...path);
const current = (target = 'main') =>
  buildSchema.parse(JSON.parse(readFileSync(dist(`${target}.json`), 'utf8')));
/** As package.json does it when npm has installed the packages. */
const build = () => {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  execFileSync('/bin/sh', ['-c', scripts.postinstall ?? ''], { cwd: root, stdio: 'pipe' });
};
const step = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(join(root, 'wharfie'), args, {
    cwd: tmpdir(),
    env: { ...process.env, WHARFIE_HOME: home.home },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
};
/** A program says this when it runs. */
const mark = (file: string, text: string) =>
  appendFileSync(file, `\nprocess.stderr.write(${JSON.stringify(text)});\n`);
const setupFile = () => dist(`setup-${current().id}.js`);

describe('a step', () => {
  it('runs from what was built when the packages were installed', () => {
    mark(setupFile(), 'FROM THE BUILD');
    const { status, stdout, stderr } = step('members', '--help');
    expect(status).toBe(0);
    expect(stdout).toContain('--list');
    expect(stderr).toBe('FROM THE BUILD');
  });

  it('is built anew where a source has changed, and not where only its time has', () => {
    const { id } = current();
    utimesSync(join(root, 'src', 'errors.ts'), 1, 1);
    expect(step('members', '--help').status).toBe(0);
    expect(current().id).toBe(id);
    mark(join(root, 'setup', 'lib', 'block.ts'), 'THE NEW SOURCE');
    expect(step('members', '--help').stderr).toBe('THE NEW SOURCE');
    expect(current().id).not.toBe(id);
  });

  it('is built anew where a channel was switched, and where npm has changed the packages', () => {
    const { id } = current();
    const barrel = join(root, 'src', 'channels', 'index.ts');
    writeFileSync(barrel, readFileSync(barrel, 'utf8').replace('// export { telegram', 'export { telegram'));
    step('members', '--help');
    const switched = current().id;
    expect(switched).not.toBe(id);
    writeFileSync(
      join(root, 'package-lock.json'),
      readFileSync(join(root, 'package-lock.json'), 'utf8').replace(
        '"lockfileVersion": 3',
        '"lockfileVersion":  3',
      ),
    );
    step('members', '--help');
    expect(current().id).not.toBe(switched);
  });

  it.each([
    [
      'no folder can be made',
      () => {
        rmSync(dist(), { recursive: true });
        writeFileSync(dist(), 'a file');
      },
    ],
    [
      'the folder is a link to another',
      () => {
        mark(setupFile(), 'SOMEBODY ELSE');
        renameSync(dist(), join(root, 'other'));
        symlinkSync(join(root, 'other'), dist());
      },
    ],
    [
      'esbuild is missing',
      () => {
        rmSync(join(root, 'node_modules'));
        mkdirSync(join(root, 'node_modules'));
        rmSync(dist(), { recursive: true });
        for (const name of readdirSync(join(codeRoot, 'node_modules'))) {
          if (name !== 'esbuild')
            symlinkSync(join(codeRoot, 'node_modules', name), join(root, 'node_modules', name));
        }
      },
    ],
    [
      'a build was left that everybody can write',
      () => {
        mark(setupFile(), 'SOMEBODY ELSE');
        execFileSync('chmod', ['o+w', dist()]);
      },
    ],
  ])('runs from its sources where %s', (_, spoil) => {
    spoil();
    const { status, stdout, stderr } = step('members', '--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('--list');
  });

  it('does not run an older build in the place of a source that cannot be built', () => {
    appendFileSync(join(root, 'setup', 'lib', 'block.ts'), '\nthis is no program\n');
    const { status, stdout } = step('members', '--help');
    expect(status).not.toBe(0);
    expect(stdout).not.toContain('--list');
  });

  it('refuses to run from a build that lies deeper', () => {
    const { id } = current();
    cpSync(dist(), join(root, 'copy'), { recursive: true });
    renameSync(join(root, 'copy'), dist('deeper'));
    const deeper = spawnSync(process.execPath, [dist('deeper', `setup-${id}.js`), '--help'], {
      encoding: 'utf8',
    });
    expect(deeper.status).not.toBe(0);
    expect(deeper.stderr).toContain('does not lie directly below a folder of Wharfie');
    expect(() => findCodeRoot(`file://${dist('deeper', 'x.js')}`)).toThrow('is none');
    expect(findCodeRoot(`file://${dist('x.js')}`)).toBe(root);
  });
});

describe('a host', () => {
  const talk = async (host: Awaited<ReturnType<Installation['start']>>, text: string) => {
    const chat = await host.chat();
    chat.send(text);
    await chat.hears(text);
    chat.close();
  };
  const readers = (pid: number) =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number)
      .filter((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('reader-'));

  it('goes on from its own build when the checkout is built anew twice, also its reader', async () => {
    const mine = current();
    const host = await home.start();
    await talk(host, 'before');
    for (const n of [1, 2]) {
      appendFileSync(join(root, 'src', 'errors.ts'), `\n// ${n}\n`);
      build();
    }
    expect(current().id).not.toBe(mine.id);
    expect(mine.files.filter((name) => !existsSync(dist(name)))).toEqual([]);
    const [reader] = readers(host.pid);
    if (reader === undefined) throw new Error('it has no reader');
    process.kill(reader, 'SIGKILL');
    await talk(host, 'after');
    await eventually(() => readers(host.pid).some((pid) => pid !== reader), 'a new reader');
    await host.kill();
    appendFileSync(join(root, 'src', 'errors.ts'), '\n// 3\n');
    build();
    expect(existsSync(dist(`host-${mine.id}.js`))).toBe(false);
  });

  it('asks the platform of a channel that it does not hold', () => {
    const settings =
      'TELEGRAM_BOT_TOKEN=110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw\nTELEGRAM_API_URL=http://127.0.0.1:9\n';
    writeFileSync(join(home.home, '.env'), settings, { mode: 0o600 });
    const { stdout } = step('channel', '--auth', 'telegram', '--check');
    expect(stdout).toContain('Telegram did not answer');
  });

  it('loads a channel only where it is on, and then from the build', async () => {
    const { id } = current();
    const packages = new Set<string>();
    const walk = (name: string, seen = new Set<string>()) => {
      if (seen.has(name)) return;
      seen.add(name);
      const imports = readFileSync(dist(name), 'utf8').matchAll(/(?:from|import)\s*"([^"]+)"/g);
      for (const [, from = ''] of imports) {
        if (from.startsWith('./')) walk(from.slice(2), seen);
        else packages.add(from);
      }
    };
    walk(`host-${id}.js`);
    expect([...packages].filter((name) => /discord|@chat-adapter|^chat$|ssh2|grpc/.test(name))).toEqual([]);

    // A channel that is off has no package here; the one that is on finds its own, and the platform does not answer.
    const host = await home.start({
      DISCORD_BOT_TOKEN: 'bench-000',
      DISCORD_PUBLIC_KEY: '0'.repeat(64),
      DISCORD_APPLICATION_ID: '1',
      DISCORD_API_URL: 'http://127.0.0.1:9',
    });
    await eventually(() => JSON.stringify(home.log()).includes('discord'), 'discord in the log');
    expect(JSON.stringify(home.log())).not.toMatch(
      /ERR_MODULE_NOT_FOUND|Cannot find|package-missing|Dynamic require/,
    );
    await host.stop();
  });
});
