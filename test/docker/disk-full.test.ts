import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { codeOf } from '../../src/errors.js';
import { createInstallation, type Installation } from '../system/host-process.js';

const run = promisify(execFile);

let home: Installation;
let disk: string;

beforeEach(async () => {
  home = createInstallation({ WHARFIE_DOCKER_SOCKET: '/nonexistent/docker.sock' });
  disk = path.join(home.home, 'data');
  mkdirSync(disk);
  // A disk of its own: this tier runs as root, which may mount one.
  await run('mount', ['-t', 'tmpfs', '-o', 'size=400m', 'tmpfs', disk]);
});
afterEach(async () => {
  await run('umount', ['--lazy', disk]);
  await home.remove();
});

/** Writes until nothing more fits. */
function fill(file: string): void {
  for (const size of [2 ** 20, 4096, 1]) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(size), { flag: 'a' });
    } catch (error) {
      if (codeOf(error) !== 'ENOSPC') throw error;
    }
  }
}

it('a message that the full disk cannot take is refused with the cure, and the next one is answered', async () => {
  const host = await home.start();
  const chat = await host.chat();
  chat.send('while there is room');
  await chat.hears('You said: while there is room');
  const ballast = path.join(disk, 'ballast');
  fill(ballast);
  chat.send('no room');
  await chat.hears('refused:');
  expect(chat.said.at(-1)).toMatch(/disk|space/i);
  rmSync(ballast);
  chat.send('room again');
  await chat.hears('You said: room again');
  expect(await host.stop()).toBe(0);
});
