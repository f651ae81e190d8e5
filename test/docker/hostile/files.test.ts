import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../system/eventually.js';
import { type Attacker, createHostileWorld, type HostileWorld } from './world.js';

let world: HostileWorld;
let mallory: Attacker;

beforeAll(async () => {
  world = await createHostileWorld({ agents: { mallory: {} } });
  mallory = world.agent('mallory');
});
afterAll(() => world.close());

/** Prepares `out/files`, sends `path` as a file, and gives what the agent is told about it. */
const sends = (prepare: string, file: string) =>
  mallory.runs<string>(`
    fs.rmSync('/workspace/out/files', { recursive: true, force: true });
    fs.mkdirSync('/workspace/out/files');
    const canary = ${JSON.stringify(world.canary)};
    ${prepare}
    const id = post({ content: { text: 'look', files: [{ path: ${JSON.stringify(file)}, name: 'x.txt' }] } });
    ring();
    await delivered(id);
    const news = query("SELECT content FROM messages_in WHERE kind = 'system' ORDER BY seq DESC LIMIT 1");
    return news[0]?.content ?? 'sent';`);

it.each([
  [
    'a link in place of out/files',
    "fs.rmdirSync('/workspace/out/files'); fs.symlinkSync(canary, '/workspace/out/files');",
    'secret.txt',
    'goes through a link',
  ],
  [
    'a link in out/files',
    "fs.symlinkSync(canary + '/secret.txt', '/workspace/out/files/a');",
    'a',
    'goes through a link',
  ],
  [
    'a link in the middle of a path',
    "fs.symlinkSync(canary, '/workspace/out/files/dir');",
    'dir/secret.txt',
    'goes through a link',
  ],
  [
    'a link to /proc/self/environ',
    "fs.symlinkSync('/proc/self/environ', '/workspace/out/files/a');",
    'a',
    'goes through a link',
  ],
  [
    'a hard link',
    "fs.writeFileSync('/workspace/out/b', 'b'); fs.rmSync('/workspace/out/files/a', {force: true}); fs.linkSync('/workspace/out/b', '/workspace/out/files/a');",
    'a',
    'is a hard link',
  ],
  ['a directory', "fs.mkdirSync('/workspace/out/files/a');", 'a', 'not a regular file'],
  [
    'a unix socket',
    "net.createServer().listen('/workspace/out/files/a'); await sleep(100);",
    'a',
    'not a regular file',
  ],
  [
    'a sparse file of 1 GiB',
    "fs.writeFileSync('/workspace/out/files/a', ''); fs.truncateSync('/workspace/out/files/a', 2 ** 30);",
    'a',
    'larger than',
  ],
  ['..', '', '../../in/inbound.db', 'no plain relative path'],
  ['an absolute name', '', '/etc/passwd', 'no plain relative path'],
  ['NUL in a name', '', 'a\0b', 'no plain relative path'],
  ['a newline in a name', '', 'a\nb', 'no file'],
  ['a name of 500 characters', '', 'a'.repeat(500), 'no plain relative path'],
  ['40 folders deep', '', `${'a/'.repeat(40)}b`, 'no plain relative path'],
])('a file to send: %s', (what, prepare, file, expected) =>
  world.tries(`file to send: ${what}`, async () => {
    const news = await sends(prepare, file);
    expect(news).toContain(expected);
    return `refused: ${expected}`;
  }),
);

it('FIFOs and devices cannot be made; one that is there all the same is refused', () =>
  world.tries('file to send: a FIFO, a device', async () => {
    const made = await mallory.runs<{ status: number }[]>(`
      return [sh('mkfifo', '/workspace/out/fifo'), sh('mknod', '/workspace/out/dev', 'b', '8', '0')];`);
    expect(made.every(({ status }) => status !== 0)).toBe(true);
    await sends('', 'nothing');
    // As if the engine had let it through.
    const fifo = path.join(mallory.folder(), 'out', 'files', 'fifo');
    execFileSync('mkfifo', ['-m', '666', fifo]);
    const news = await mallory.runs<string>(`
      const id = post({ content: { text: 'look', files: [{ path: 'fifo', name: 'x' }] } });
      ring();
      await delivered(id);
      return query("SELECT content FROM messages_in WHERE kind = 'system' ORDER BY seq DESC LIMIT 1")[0].content;`);
    rmSync(fifo);
    expect(news).toContain('not a regular file');
    return 'EPERM; one planted on the host was refused without opening it';
  }));

it('names of files are data on the host too', () =>
  world.tries('file names ../../x, .bashrc, control characters', async () => {
    const names = ['../../../../evil', '/etc/evil2', '..', '.bashrc', 'a\nb\u001b[2Jc', 'x'.repeat(250)];
    await mallory.runs(`
      fs.rmSync('/workspace/out/files', { recursive: true, force: true });
      fs.mkdirSync('/workspace/out/files');
      fs.writeFileSync('/workspace/out/files/a', 'a');
      const files = ${JSON.stringify(names)}.map((name) => ({ path: 'a', name }));
      await delivered((post({ content: { text: 'many', files } }), post({ content: { text: 'after' } })));`);
    const kept = readdirSync(path.join(world.home.home, 'data', 'terminal-files'));
    expect(kept.length).toBeGreaterThanOrEqual(names.length);
    for (const name of kept) expect(name).toMatch(/^[\p{L}\p{N}_-][\p{L}\p{N}._-]*$/u);
    expect(world.chat.said.join('')).not.toContain('\u001b');
    return 'kept under plain names in data/terminal-files';
  }));

it('a file that is swapped for a link again and again', () =>
  world.tries('file swapped for a link while it is read', async () => {
    const count = await mallory.runs<number>(`
      const at = '/workspace/out/files/s';
      fs.writeFileSync('/workspace/out/plain', 'plain');
      fs.writeFileSync(at, 'plain');
      const swapper = child.spawn('sh', ['-c', 'cd /workspace/out; while :; do ln -sfn ${world.canary}/secret.txt l; mv -fT l files/s; cp plain p; mv -fT p files/s; done']);
      const ids = Array.from({ length: 60 }, () => post({ content: { text: 'swap', files: [{ path: 's', name: 's' }] } }));
      ring();
      for (const id of ids) await delivered(id);
      swapper.kill();
      return ids.length;`);
    const stored = path.join(world.home.home, 'data', 'terminal-files');
    const found = execFileSync('sh', ['-c', `grep -rl canary- ${stored} || true`]).toString();
    expect(found).toBe('');
    return `${count} times the plain file or a refusal, never what the link named`;
  }));

it('what is mounted cannot be replaced', () =>
  world.tries('replacing inbound.db, outbound.db, its journal, the socket, the root', async () => {
    const got = await mallory.runs<string[]>(`
      const put = (at) => attempt(() => { fs.writeFileSync('/workspace/out/x', 'x'); fs.renameSync('/workspace/out/x', at); });
      return [put('/workspace/in/inbound.db'), put('/workspace/outbound.db'), put('/workspace/outbound.db-journal'),
        attempt(() => fs.unlinkSync('/workspace/outbound.db')), attempt(() => fs.symlinkSync('/', '/workspace/outbound.db-wal')),
        attempt(() => fs.writeFileSync('/workspace/in/files/x', 'x')), attempt(() => fs.writeFileSync('/workspace/global/CLAUDE.md', 'x')),
        attempt(() => fs.unlinkSync('/run/wharfie/egress.sock')), attempt(() => fs.writeFileSync('/app/attacker.mjs', '')),
        sh('umount', '/workspace/in').status === 0 ? 'ok' : 'refused'];`);
    expect(got).not.toContain('ok');
    return [...new Set(got)].join(', ');
  }));

it('a heartbeat that is a link, a folder, gone, or in the future', () =>
  world.tries('heartbeat as a link, a folder, in the future', async () => {
    await mallory.runs(`
      const beat = '/workspace/out/.heartbeat';
      for (const put of [() => fs.symlinkSync('${world.canary}/secret.txt', beat), () => fs.mkdirSync(beat), () => {},
        () => { fs.writeFileSync(beat, ''); fs.utimesSync(beat, 4e9, 4e9); }]) {
        fs.rmSync(beat, { recursive: true, force: true });
        put();
        await sleep(1100);
      }
      fs.writeFileSync(beat, '');`);
    expect(await mallory.runs('return 1')).toBe(1);
    return 'looked at, never followed; only changes count, not the time in it';
  }));

it.runIf(process.arch === 'x64')('no lease on a file makes the host wait', () =>
  world.tries(
    'a lease (F_SETLEASE) on files that the host opens, a socket or a pair of them to the hypervisor, io_setup',
    async () => {
      // fcntl is 72, socket 41, socketpair 53, io_setup 206; 0x100000000 more is what a filter of all 64 bits does not know again.
      const calls = [
        '72, fileno(F), 1024, 1',
        '72, fileno(F), 0x100000400, 1',
        '41, 40, 1, 0',
        '41, 0x100000028, 1, 0',
        // A pair of another family made the kernel look for a module: VSOCK, ALG, TIPC, CAN.
        ...[40, 38, 30, 29, '0x100000028'].map((family) => `53, ${family}, 2, 0, $p`),
        '206, 1, $c',
      ];
      const attempts = calls.map((call) => `t(${call})`).join(', ');
      const perl = `sub t { my ($n, @a) = @_; syscall($n, @a) == -1 ? $! + 0 : 0 } my $p = "\\0" x 8; my $c = "\\0" x 8; open(F, "<", "/workspace/out/.heartbeat"); print join("/", ${attempts});`;
      const got = await mallory.runs<{ said: string }>(`return sh('perl', '-e', ${JSON.stringify(perl)});`);
      expect(got.said).toBe(calls.map(() => '1').join('/'));
      return 'EPERM, also with the high bits set';
    },
  ),
);

it('another user of the machine at the socket of the terminal', () =>
  world.tries("another local user on the terminal's socket", async () => {
    const socket = path.join(world.home.home, 'data', 'cli.sock');
    const code = `require('net').connect(${JSON.stringify(socket)}).on('error',(e)=>console.log(e.code)).on('connect',()=>{console.log('in');process.exit()})`;
    const said = await eventually(() =>
      execFileSync(process.execPath, ['-e', code], { uid: 65534, gid: 65534, cwd: '/' }).toString().trim(),
    );
    expect(said).toBe('EACCES');
    return 'EACCES';
  }));
