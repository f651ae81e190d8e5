import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';

const CHECKOUT = path.resolve(import.meta.dirname, '../..');
/** What a machine has that has nothing: Debian's essential packages. */
const TOOLS = 'sh dirname uname mkdir rm mv ln cut grep tar gzip sha256sum'.split(' ');
const PLATFORM = `linux-${process.arch}`;
const ARCHIVE = `node-v24.99.0-${PLATFORM}.tar.gz`;

const which = (name: string) => execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
const fetcher = () => path.basename(which('curl || command -v wget'));
const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

let site: string;
let server: Server;
let mirror: string;
let asked: string[] = [];

/** A site as nodejs.org is, whose Node.js calls the one that runs this test (100 MB need not be packed), with its own npm. */
beforeAll(async () => {
  site = mkdtempSync(path.join(tmpdir(), 'wharfie-node-site-'));
  const name = ARCHIVE.replace('.tar.gz', '');
  const folder = path.join(site, name);
  mkdirSync(path.join(folder, 'bin'), { recursive: true });
  writeFileSync(path.join(folder, 'bin/node'), `#!/bin/sh\nexec '${process.execPath}' "$@"\n`, {
    mode: 0o755,
  });
  const npm = path.resolve(realpathSync(which('npm')), '../..');
  cpSync(npm, path.join(folder, 'lib/node_modules/npm'), { recursive: true });
  for (const bin of ['npm', 'npx']) {
    symlinkSync(`../lib/node_modules/npm/bin/${bin}-cli.js`, path.join(folder, 'bin', bin));
  }
  const packed = path.join(site, ARCHIVE);
  execFileSync('tar', ['-C', site, '-I', 'gzip -1', '-cf', packed, name]);
  server = createServer((request, response) => {
    const file = path.basename(request.url ?? '');
    asked.push(file);
    if (request.url !== `/latest-v24.x/${file}` || !existsSync(path.join(site, file)))
      response.writeHead(404);
    response.end(existsSync(path.join(site, file)) ? readFileSync(path.join(site, file)) : '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  mirror = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
});
afterAll(() => {
  server.close();
  rmSync(site, { recursive: true, force: true });
});
beforeEach(() => {
  asked = [];
  publish(sha256(path.join(site, ARCHIVE)));
});

const publish = (sum: string) => {
  const sums = [`${sum}  ${ARCHIVE}`, `${'0'.repeat(64)}  node-v24.99.0-aix-ppc64.tar.gz`];
  writeFileSync(path.join(site, 'SHASUMS256.txt'), `${sums.join('\n')}\n`);
};

/** A clone with nothing to install, in a folder with a blank in its name, on a machine with nothing but these tools. */
function createMachine(tools = [...TOOLS, fetcher()]) {
  const home = realpathSync(mkdtempSync(path.join(tmpdir(), 'wharfie-bare-')));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const clone = path.join(home, 'my wharfie');
  const bin = path.join(home, 'bin');
  const localBin = path.join(home, '.local/bin');
  for (const folder of [clone, bin]) mkdirSync(folder);
  for (const tool of tools) symlinkSync(which(tool), path.join(bin, tool));
  copyFileSync(path.join(CHECKOUT, 'setup.sh'), path.join(clone, 'setup.sh'));
  const own = { name: 'bare', version: '1.0.0' };
  writeFileSync(path.join(clone, 'package.json'), JSON.stringify(own));
  const lock = { ...own, lockfileVersion: 3, requires: true, packages: { '': own } };
  writeFileSync(path.join(clone, 'package-lock.json'), JSON.stringify(lock));
  const run = (more: { PATH?: string } = {}) =>
    new Promise<{ code: number; output: string }>((resolve) => {
      const env = {
        PATH: bin,
        HOME: home,
        WHARFIE_NODE_MIRROR: mirror,
        npm_config_cache: `${home}/cache`,
        ...more,
      };
      execFile('/bin/sh', [path.join(clone, 'setup.sh')], { env }, (error, stdout, stderr) =>
        resolve({
          code: typeof error?.code === 'number' ? error.code : error ? -1 : 0,
          output: stdout + stderr,
        }),
      );
    });
  /** A node of that version, which knows nothing but its version. */
  const oldNode = () => {
    const file = path.join(bin, 'node');
    writeFileSync(file, '#!/bin/sh\necho false\n');
    chmodSync(file, 0o755);
  };
  return { clone, bin, localBin, run, oldNode };
}

describe('setup.sh on a machine with git and a shell', () => {
  it('fetches Node.js, checks it, and installs; a second time it fetches nothing', async () => {
    const { clone, run } = createMachine();
    const first = await run();
    expect(first).toMatchObject({ code: 0, output: expect.stringContaining('type /setup') });
    expect(first.output).toContain(`export PATH='${clone}/.node/bin':"$PATH"`);
    expect(existsSync(path.join(clone, '.node/bin/npm'))).toBe(true);
    expect(existsSync(path.join(clone, '.node.part'))).toBe(false);
    expect(asked).toEqual(['SHASUMS256.txt', ARCHIVE]);
    expect(await run()).toMatchObject({ code: 0, output: expect.stringContaining('export PATH=') });
    expect(asked).toHaveLength(2);
  });

  it('links it where commands of this person are looked for', async () => {
    const { clone, bin, localBin, run } = createMachine();
    const { code, output } = await run({ PATH: `${bin}:${localBin}` });
    expect({ code, output }).toMatchObject({ code: 0, output: expect.not.stringContaining('export PATH') });
    expect(realpathSync(path.join(localBin, 'node'))).toBe(path.join(clone, '.node/bin/node'));
    // Found there from now on.
    expect(await run({ PATH: `${bin}:${localBin}` })).toMatchObject({ code: 0 });
    expect(asked).toHaveLength(2);
  });

  it('leaves an older one in its place, and puts its own into the shade of nothing', async () => {
    const { bin, localBin, run, oldNode } = createMachine();
    oldNode();
    const { code, output } = await run({ PATH: `${bin}:${localBin}` });
    expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('export PATH=') });
    expect(existsSync(localBin)).toBe(false);
  });

  it('throws away what is not what its sum says', async () => {
    publish('f'.repeat(64));
    const { clone, run } = createMachine();
    expect(await run()).toMatchObject({ code: 2, output: expect.stringContaining('thrown away') });
    expect([existsSync(path.join(clone, '.node')), existsSync(path.join(clone, '.node.part'))]).toEqual([
      false,
      false,
    ]);
  });

  it('says what to do where it can fetch nothing', async () => {
    const nothing = createMachine(TOOLS);
    expect(await nothing.run()).toMatchObject({
      code: 2,
      output: expect.stringContaining('apt-get install curl'),
    });
    rmSync(path.join(site, 'SHASUMS256.txt'));
    expect(await createMachine().run()).toMatchObject({
      code: 2,
      output: expect.stringContaining('https://nodejs.org'),
    });
  });
});
