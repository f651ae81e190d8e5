import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { finish } from '../system/crash-matrix/again.js';
import { sessionsTried } from '../system/crash-matrix/session-files.js';
import { createStage, type Stage } from '../system/crash-matrix/stage.js';
import { type Asked, echo } from '../system/crash-matrix/tally.js';
import { eventually } from '../system/eventually.js';

/** Several starts of a host, on a machine that may be busy. */
const LONGEST = { timeout: 120_000 };
const nothing = { lost: 0, doubled: 0, outOfOrder: 0, open: 0, unknown: 0, dead: 0, failed: 0 };
const SENDING = /^POST \/channels\/\d+\/messages$/;

/** Says something, works for a while, and answers. */
const work = (mark: string, ms: number): Asked => ({
  text: `!send ${mark}-begun ;; !sleep ${ms} ;; !reply ${mark}-done`,
  sends: [`${mark}-begun`],
  replies: [`${mark}-done`],
});

async function stageFor(options?: Parameters<typeof createStage>[0]): Promise<Stage> {
  const stage = await createStage(options);
  onTestFinished(() => stage.close());
  return stage;
}

const logged = (stage: Stage, msg: string) => stage.home.log().filter((line) => line.msg === msg);

it(
  'a turn that runs while the host stops is finished after the next start, and charged to nobody',
  LONGEST,
  async () => {
    const stage = await stageFor({ chats: 1 });
    const [chat = stage.terminal] = stage.chats;
    const host = await stage.start();
    chat.ask(work('m1', 5000));
    await eventually(() => chat.said().includes('m1-begun'));
    expect(await host.stop()).toBe(0);
    expect(chat.tally()).toMatchObject({ answered: 0, lost: 1 });
    chat.ask(echo('m2'));
    const next = await stage.start();
    expect(await finish(stage, chat, next.stop)).toMatchObject({ ...nothing, sent: 2, answered: 2 });
    expect(logged(stage, 'container left a message open')).toEqual([]);
    expect(sessionsTried(stage.home.home, 1)).toEqual([]);
  },
);

it(
  'a second SIGTERM ends a stop that waits, and what was on its way is still said once',
  LONGEST,
  async () => {
    const stage = await stageFor({ chats: 1 });
    const [chat = stage.terminal] = stage.chats;
    stage.platform.fake.faults.next(SENDING, { kind: 'hang' });
    const host = await stage.start();
    chat.ask(echo('m1'));
    await eventually(() => chat.said().length > 0);
    const ended = host.stop();
    await eventually(() => logged(stage, 'host stopping').length > 0);
    void host.stop();
    // Ended by the signal: alone, the first one would have come to its own end with 0.
    expect(await ended).toBe(null);
    const next = await stage.start();
    chat.ask(echo('m2'));
    expect(await finish(stage, chat, next.stop)).toMatchObject({ ...nothing, sent: 2, answered: 2 });
  },
);

it(
  'where Docker is absent over restarts its chats are told once and wait, and the others are answered',
  LONGEST,
  async () => {
    const stage = await stageFor({ chats: 2 });
    const [claude = stage.terminal, mock = stage.terminal] = stage.chats;
    stage.useProvider('general', 'claude');
    const told = () =>
      claude.said().filter((text) => text.includes("I've kept your message and will answer it then."));
    const host = await stage.start();
    claude.ask(echo('c1'));
    await eventually(() => told().length > 0);
    await host.kill();
    const second = await stage.start();
    claude.ask(echo('c2'));
    mock.ask(echo('m1'));
    await eventually(() => mock.tally().answered === 1);
    await eventually(() => logged(stage, 'message taken in').length === 3);
    // The kill may have come between the notice and its record: then this host asks whether it was said.
    await eventually(() => stage.tally().open === 2);
    await second.stop();
    expect(told()).toHaveLength(1);
    expect(stage.tally()).toMatchObject({ open: 2, failed: 0 });
    // What was missing is there.
    stage.useProvider('general', 'mock');
    const third = await stage.start();
    expect(await finish(stage, claude, third.stop)).toMatchObject({ ...nothing, sent: 3, answered: 3 });
  },
);

it(
  'a Docker engine that hangs holds up neither the start, nor other chats, nor the stop',
  LONGEST,
  async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'hanging-'));
    const connections = new Set<Socket>();
    const docker = createServer((socket) => connections.add(socket)).listen(path.join(folder, 'docker.sock'));
    onTestFinished(() => {
      for (const socket of connections) socket.destroy();
      docker.close();
      rmSync(folder, { recursive: true });
    });
    const stage = await stageFor({
      chats: 2,
      env: { WHARFIE_DOCKER_SOCKET: path.join(folder, 'docker.sock') },
    });
    const [claude = stage.terminal, mock = stage.terminal] = stage.chats;
    stage.useProvider('general', 'claude');
    const host = await stage.start();
    claude.ask(echo('c1'));
    mock.ask(echo('m1'));
    await eventually(() => mock.tally().answered === 1);
    expect(await host.stop()).toBe(0);
  },
);
