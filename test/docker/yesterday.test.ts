import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, it, onTestFinished } from 'vitest';
import { codeRoot, installationIdOf } from '../../src/config.js';
import { orGone } from '../../src/engine/docker/errors.js';
import { INSTALLATION } from '../../src/engine/docker/labels.js';
import { createMessagesApi } from '../fakes/messages-api.js';
import { unpackCommit } from '../slow/update/world.js';
import { eventually } from '../system/eventually.js';
import { type Chat, createInstallation } from '../system/host-process.js';
import { dockerClients, engineSocket, removeContainersOf } from './world.js';

/** The last version that kept what agents write in `groups/`. */
const YESTERDAY = 'da48a24';
const IMAGE = 'wharfie-agent-of-yesterday:test';
const BASE = 'wharfie-test-base:24';
/** Right after a build: the machine is busy. */
const LONGEST_MS = 120_000;

const write = (text: string, file: string) => ({
  name: 'Bash',
  input: { command: `echo '${text}' > /workspace/agent/${file}`, description: 'write' },
});

const hears = (chat: Chat, part: string) =>
  eventually(() => chat.said.join('\n').includes(part), `hearing ${part}`, LONGEST_MS);

it('a container that the version before has started goes on over the move of its folder, and there is a way back', {
  timeout: 600_000,
}, async () => {
  const tree = mkdtempSync(join(tmpdir(), 'wharfie-yesterday-'));
  onTestFinished(() => rmSync(tree, { recursive: true, force: true }));
  unpackCommit(YESTERDAY, tree);
  symlinkSync(join(codeRoot, 'node_modules'), join(tree, 'node_modules'));
  const api = await createMessagesApi([]);
  onTestFinished(() => api.close());
  const dotenv = {
    ANTHROPIC_API_KEY: 'sk-ant-test-key-that-stays-on-the-host',
    ANTHROPIC_BASE_URL: api.url,
    WHARFIE_DOCKER_SOCKET: engineSocket(),
    WHARFIE_IMAGE: IMAGE,
  };
  const before = createInstallation(dotenv, { root: tree });
  onTestFinished(() => before.remove());
  const now = createInstallation(dotenv, { home: before.home });
  onTestFinished(() => now.remove());
  const { calls } = dockerClients();
  onTestFinished(async () => {
    await removeContainersOf(before.home);
    await orGone(calls.getImage(IMAGE).remove());
  });
  const containers = async () => {
    const filters = { label: [`${INSTALLATION}=${installationIdOf(before.home)}`] };
    return (await calls.listContainers({ filters })).map((one) => one.Id);
  };
  const built = await before.step('container', '--base-image', BASE);
  expect([built.code, built.stderr]).toEqual([0, expect.any(String)]);

  api.setScript([{ tools: [write('The magic word is xyzzy.', 'CLAUDE.md')] }, { text: ['Noted.'] }]);
  const old = before.launch();
  const first = await eventually(() => old.chat(), 'the host of yesterday', LONGEST_MS);
  first.send('remember the word');
  await hears(first, 'Noted.');
  first.close();
  const running = await containers();
  expect(running).toHaveLength(1);
  await old.kill();
  const saved = await before.step('backup');
  expect([saved.code, saved.stdout]).toEqual([0, expect.stringContaining('STATUS: success')]);
  const [, backup = ''] = /^BACKUP: (\S+)$/m.exec(saved.stdout) ?? [];
  expect(await containers()).toEqual(running);
  const [folder = ''] = readdirSync(join(before.home, 'groups')).filter((name) => name !== 'global');
  expect(existsSync(join(before.home, 'groups', folder, 'CLAUDE.md'))).toBe(true);

  // Today's host: the same container answers, and what it writes lands in the folder's new place.
  api.setScript([{ tools: [write('by the one that was there', 'notes.md')] }, { text: ['Written.'] }]);
  const host = now.launch({ WHARFIE_IMAGE: inject('agentImage') });
  const chat = await eventually(() => host.chat(), 'the host of today', LONGEST_MS);
  chat.send('write something');
  await hears(chat, 'Written.');
  expect(await containers()).toEqual(running);
  const moved = (name: string) =>
    readFileSync(join(before.home, 'data', 'groups', folder, name), 'utf8').trim();
  expect(moved('notes.md')).toBe('by the one that was there');
  expect(moved('CLAUDE.md')).toBe('The magic word is xyzzy.');
  expect(readdirSync(join(before.home, 'groups'))).toEqual(['global']);

  // The next container is given the new place, and finds its memory.
  for (const id of running) await calls.getContainer(id).kill();
  api.setScript([{ text: ['Here again.'] }]);
  chat.send('are you there?');
  await hears(chat, 'Here again.');
  expect(await containers()).not.toEqual(running);
  expect(api.calls.at(-1)?.system).toContain('xyzzy');
  chat.close();
  await host.stop();

  // Back: the version before puts back what it saved, and its agent knows what it knew.
  const restored = await before.step('backup', '--restore', backup);
  expect([restored.code, restored.stdout]).toEqual([0, expect.stringContaining('STATUS: success')]);
  expect(existsSync(join(before.home, 'groups', folder, 'CLAUDE.md'))).toBe(true);
  api.setScript([{ text: ['As before.'] }]);
  const again = before.launch();
  const last = await eventually(() => again.chat(), 'the host of yesterday again', LONGEST_MS);
  last.send('and now?');
  await hears(last, 'As before.');
  expect(api.calls.at(-1)?.system).toContain('xyzzy');
  last.close();
  await again.stop();
});
