import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { besideName } from '../../container/image-names.js';
import { codeRoot } from '../../src/config.js';
import { createMessagesApi, type MessagesApi } from '../fakes/messages-api.js';
import { createInstallation, type Installation } from '../system/host-process.js';
import { openPty } from '../system/pty.js';
import { dockerClients, engineSocket, removeContainersOf } from './world.js';

const IMAGE = 'wharfie-agent:first-run';
const BOX = "Build the agent's box now?";
const { calls: docker } = dockerClients();

let api: MessagesApi;
let home: Installation;
let terminal: ReturnType<typeof openPty> | null;

const start = () => {
  terminal = openPty('npm start --silent', { cwd: codeRoot, env: home.env });
  return terminal;
};

beforeEach(async () => {
  api = await createMessagesApi(() => 'Answered for real.');
  home = createInstallation({
    ANTHROPIC_BASE_URL: api.url,
    WHARFIE_DOCKER_SOCKET: engineSocket(),
    WHARFIE_IMAGE: IMAGE,
  });
  // The build takes it where it is still there, so that the real step has nothing to download.
  const [repo = '', tag = ''] = besideName(IMAGE, 'before-update').split(':');
  await docker.getImage(inject('agentImage')).tag({ repo, tag });
});
afterEach(async () => {
  terminal?.kill();
  await home.remove();
  await removeContainersOf(home.home);
  for (const name of [IMAGE, besideName(IMAGE, 'before-update')]) {
    await docker
      .getImage(name)
      .remove()
      .catch(() => {});
  }
  await api.close();
});

it('asks for the box, the key and the place, and then the agent answers', async () => {
  const first = start();
  await first.shows(BOX);
  first.type('');
  await first.shows('Done (built)');
  await first.shows('Anthropic API key');
  first.type('sk-ant-test-0000000000');
  await first.shows('Where do you want to talk to it?');
  first.type('1');
  await first.shows('You are talking to');
  first.type('hello');
  await first.shows('Answered for real.');
  first.type('/quit');
  expect(await first.exited).toBe(0);
  expect(first.output()).not.toContain('sk-ant-test-0000000000');

  const second = start();
  await second.shows('You are talking to');
  expect(second.output()).not.toContain(BOX);
  second.type('/quit');
  expect(await second.exited).toBe(0);
}, 120_000);

it('goes on where it was stopped, and takes "later" for an answer', async () => {
  const stopped = start();
  await stopped.shows(BOX);
  stopped.interrupt();
  await stopped.shows('npm start goes on from here');
  expect(await stopped.exited).toBe(130);

  const again = start();
  await again.shows(BOX);
  again.type('');
  await again.shows('Anthropic API key');
  again.interrupt();
  await again.exited;

  const third = start();
  await third.shows('Anthropic API key');
  expect(third.output()).not.toContain(BOX);
  third.type('');
  await third.shows('./wharfie credentials --provider static');
  await third.shows('Where do you want to talk to it?');
  third.type('');
  await third.shows('It is a mock that repeats what you say.');
  third.type('/quit');
  expect(await third.exited).toBe(0);
}, 120_000);
