import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../system/eventually.js';
import { type Attacker, createHostileWorld, type HostileWorld } from './world.js';

const MIB = 1024 ** 2;
let world: HostileWorld;

beforeAll(async () => {
  world = await createHostileWorld({
    agents: {
      noisy: {},
      dull: {},
      bomber: { pids: 64, cpus: 0.5 },
      glutton: { memoryBytes: 256 * MIB },
      hoarder: { diskBytes: 64 * MIB },
      hider: { diskBytes: 64 * MIB },
      frozen: {},
    },
  });
  // Its heart stops now; what becomes of it is looked at in the end.
  await world.agent('frozen').runs('stopHeart(); await finish(1); await sleep(1e9);');
});
afterAll(() => world.close());

/** Resolves when the host has said this of the agent's session. */
const logged = (what: string, { sessionId }: Attacker) =>
  eventually(() => world.logged(what).some(({ session }) => session === sessionId()), what);

it('standard output flooded', () =>
  world.tries('stdout flooded, stderr flooded', async () => {
    const noisy = world.agent('noisy');
    await noisy.runs(`
      child.spawn('sh', ['-c', 'timeout 3 yes >&2 & timeout 3 yes'], { stdio: ['ignore', 'inherit', 'inherit'] });
      await sleep(2000);`);
    expect(world.logged('the container floods its bell: detached for a minute').length).toBeGreaterThan(0);
    expect(await noisy.runs('return 3')).toBe(3);
    return 'let go for a minute and polled meanwhile; its own replies still come';
  }));

it('standard output without a newline, standard input never read, rings without end', () =>
  world.tries('stdout that never ends a line; stdin never read; 4000 rings a second', async () => {
    const dull = world.agent('dull');
    await dull.runs(`
      process.stdin.pause();
      process.stdout.write('x'.repeat(3000));
      for (let i = 0; i < 30; i++) { for (let j = 0; j < 130; j++) ring(); await sleep(33); }`);
    for (let i = 0; i < 5; i += 1) expect(await dull.runs(`return ${i}`)).toBe(i);
    return 'every byte counts as one ring; rings are coalesced; a full pipe costs nothing';
  }));

it('a fork bomb', () =>
  world.tries('a fork bomb', async () => {
    const bomber = world.agent('bomber');
    const code = await bomber.runs<string>(`
      const all = Array.from({ length: 200 }, () => child.spawn('sleep', ['100']));
      const failed = await Promise.all(all.map((one) => new Promise((done) => { one.on('error', (error) => done(error.code)); one.on('spawn', () => done('')); })));
      for (const one of all) one.kill('SIGKILL');
      return failed.find((code) => code !== '');`);
    expect(code).toBe('EAGAIN');
    await bomber.runs(
      `child.spawn('sh', ['-c', 'f() { f | f & }; f'], { stdio: 'ignore' }).on('error', () => {}); await finish(1); await sleep(1e9);`,
    );
    return 'EAGAIN at its own limit of processes';
  }));

it('a memory bomb', () =>
  world.tries('a memory bomb, three times', async () => {
    world.agent('glutton').begins('const all = []; for (;;) { all.push(Buffer.alloc(8e6, 1)); }');
    const said = await eventually(
      () => world.chat.said.find((text) => text.includes('each time I worked on')) ?? false,
      'a word about the message that was given up',
      50_000,
    );
    expect(said).toMatch(/ran out of memory.*given up/);
    return 'killed by its own limit; after three tries the chat is told that it ran out of memory';
  }));

it('a disk filled with files', () =>
  world.tries('100 MB, 40 folders deep, under a name that is no UTF-8', async () => {
    const hoarder = world.agent('hoarder');
    // Nothing waits for its answer: it may be stopped between the last byte and the answer.
    hoarder.begins(`
      let at = '/workspace/out/files';
      for (let i = 0; i < 40; i++) fs.mkdirSync(at += '/' + 'd'.repeat(90));
      process.chdir(at);
      fs.writeFileSync(Buffer.from([0xff, 0xfe, 0x41]), Buffer.alloc(100e6, 1));
      await finish(1);
      await sleep(1e9);`);
    await logged('container stopped for what it has on disk', hoarder);
    // Until it is gone it could still answer what comes next.
    await logged('container ended', hoarder);
    hoarder.begins('return 1');
    await world.chat.hears('My files take more than the 64 MiB');
    return 'measured without following links, stopped, not started again; the chat is told why';
  }));

it('a tree that cannot be counted', () =>
  world.tries('a tree of 3000 folders in each other', async () => {
    const hider = world.agent('hider');
    hider.begins(`
      process.chdir('/home/node');
      for (let i = 0; i < 3000; i++) { fs.mkdirSync('d'); process.chdir('d'); }
      await finish(1);
      await sleep(1e9);`);
    await logged('container stopped for what it has on disk', hider);
    return 'what cannot be counted counts as over the limit';
  }));

it('a file that is too long, /tmp and /dev/shm filled', () =>
  world.tries('a file of 10 GB; /tmp and /dev/shm filled', async () => {
    const got = await world.agent('noisy').runs<string[]>(`
      return [
        attempt(() => { const fd = fs.openSync('/workspace/out/sparse', 'w'); fs.ftruncateSync(fd, 10e9); }),
        sh('dd', 'if=/dev/zero', 'of=/tmp/x', 'bs=1M', 'count=600').status === 0 ? 'ok' : 'ENOSPC',
        sh('dd', 'if=/dev/zero', 'of=/dev/shm/x', 'bs=1M', 'count=100').status === 0 ? 'ok' : 'ENOSPC',
        (fs.rmSync('/tmp/x'), fs.rmSync('/dev/shm/x'), 'removed'),
      ];`);
    expect(got).toEqual(['EFBIG', 'ENOSPC', 'ENOSPC', 'removed']);
    return 'EFBIG at 1 GiB; ENOSPC at 512 and 64 MiB, which are its own memory';
  }));

it(
  'a heart that stands still',
  () =>
    world.tries('a heartbeat that stops while the program runs on', async () => {
      const frozen = world.agent('frozen').sessionId();
      await eventually(
        () =>
          world
            .logged('stopping container')
            .some(({ session, reason }) => session === frozen && reason === 'stuck'),
        'the end of the frozen one',
        60_000,
      );
      return 'after 60 s its container is killed';
    }),
  70_000,
);
