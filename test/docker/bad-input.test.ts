import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { installationIdOf } from '../../src/config.js';
import { INSTALLATION, RUNNER_HASH } from '../../src/engine/docker/labels.js';
import { createMessagesApi, type MessagesApi } from '../fakes/messages-api.js';
import { createInstallation, type Installation } from '../system/host-process.js';
import { createWeakLink } from './weak-link.js';
import { dockerClients, engineSocket } from './world.js';

const { calls: docker, streams } = { ...dockerClients() };

let api: MessagesApi;
let home: Installation;

function install(settings: Record<string, string>): Record<string, string> {
  const env = {
    ANTHROPIC_API_KEY: 'sk-ant-test-0000000000',
    ANTHROPIC_BASE_URL: api.url,
    WHARFIE_DOCKER_SOCKET: engineSocket(),
    WHARFIE_IMAGE: inject('agentImage'),
    ...settings,
  };
  home = createInstallation(env);
  return env;
}

const writeEnv = (values: Record<string, string>) =>
  writeFileSync(
    path.join(home.home, '.env'),
    Object.entries(values)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );

/** The terminal belongs to a Claude group, whatever is missing for it. */
const register = () =>
  home.step('register', '--platform-id', 'cli:local', '--name', 'Terminal', '--folder', 'real');

beforeEach(async () => {
  api = await createMessagesApi(() => 'Answered after all.');
});
afterEach(async () => {
  const filters = { label: [`${INSTALLATION}=${installationIdOf(home.home)}`] };
  await home.remove();
  for (const { Id } of await docker.listContainers({ all: true, filters })) {
    await docker.getContainer(Id).remove({ force: true });
  }
  await api.close();
});

/** Says hello, hears why it has to wait, removes the cause, and hears the answer to the same message, once. */
async function waitsAndIsAnswered(told: string[], cure: () => Promise<unknown> | unknown): Promise<void> {
  expect((await register()).code).toBe(0);
  const host = await home.start();
  const chat = await host.chat();
  chat.send('hello');
  for (const part of told) await chat.hears(part);
  expect(chat.said).toHaveLength(1);
  await cure();
  await chat.hears('Answered after all.');
  expect(chat.said).toHaveLength(2);
  expect(await host.stop()).toBe(0);
}

describe('a message that cannot be answered yet is kept, and answered when the cause is gone', () => {
  it('Docker is not running', async () => {
    const link = await createWeakLink(engineSocket());
    link.cut();
    install({ WHARFIE_DOCKER_SOCKET: link.socketPath });
    await waitsAndIsAnswered(['The Docker engine does not answer', 'systemctl start docker'], () =>
      link.mend(),
    );
    await link.close();
  });

  it('the image is missing', async () => {
    install({ WHARFIE_IMAGE: 'wharfie-not-built:yet' });
    const build = () => docker.getImage(inject('agentImage')).tag({ repo: 'wharfie-not-built', tag: 'yet' });
    await waitsAndIsAnswered(['has not been built', './wharfie container'], build);
    await docker.getImage('wharfie-not-built:yet').remove();
  });

  it('the image is stale', async () => {
    install({ WHARFIE_IMAGE: 'wharfie-stale:old' });
    await imageWithHash('wharfie-stale:old', 'of-other-sources');
    const rebuild = () => docker.getImage(inject('agentImage')).tag({ repo: 'wharfie-stale', tag: 'old' });
    await waitsAndIsAnswered(['other sources', './wharfie container --rebuild'], rebuild);
    await docker.getImage('wharfie-stale:old').remove();
  });

  it('the credential is missing', async () => {
    const env = install({ ANTHROPIC_API_KEY: '' });
    const cure = () => writeEnv({ ...env, ANTHROPIC_API_KEY: 'sk-ant-test-1111111111' });
    await waitsAndIsAnswered(['No credential', './wharfie credentials'], cure);
  });

  it('the credential is refused', async () => {
    const env = install({});
    const good = 'sk-ant-test-2222222222';
    api.setScript(({ headers }) =>
      headers['x-api-key'] === good ? 'Answered after all.' : { status: 401, type: 'authentication_error' },
    );
    await waitsAndIsAnswered(['does not accept my credential'], () =>
      writeEnv({ ...env, ANTHROPIC_API_KEY: good }),
    );
  });
});

async function imageWithHash(name: string, hash: string): Promise<void> {
  const container = await docker.createContainer({ Image: inject('agentImage') });
  const [repo, tag] = name.split(':');
  await streams.getContainer(container.id).commit({ repo, tag, changes: [`LABEL ${RUNNER_HASH}=${hash}`] });
  await container.remove();
}
