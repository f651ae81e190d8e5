import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { container } from '../../setup/container.js';
import { credentials } from '../../setup/credentials.js';
import { environment } from '../../setup/environment.js';
import { runStep } from '../../setup/lib/run.js';
import type { Step, StepContext } from '../../setup/lib/step.js';
import { systemClock } from '../../src/clock.js';
import { codeRoot, installationIdOf } from '../../src/config.js';
import { createMessagesApi, type MessagesApi } from '../fakes/messages-api.js';
import { eventually } from '../system/eventually.js';
import { dockerClients } from './world.js';

const BASE_IMAGE = 'wharfie-test-base:24';
const home = mkdtempSync(join(tmpdir(), 'wharfie-steps-'));
const image = `wharfie-agent:${installationIdOf(home)}`;

async function run(step: Step, argv: string[], secrets: Record<string, string> | null = null) {
  const context: StepContext = {
    home,
    root: codeRoot,
    env: { ...process.env, DOCKER_HOST: inject('dockerHost') },
    clock: systemClock,
    secrets: { interactive: false, read: async () => secrets },
    say: () => {},
    show: () => {},
    detail: () => {},
  };
  const { output, exitCode } = await runStep(step, argv, context, { json: true });
  return { exitCode, fields: JSON.parse(output) };
}

describe('the steps on a real engine', () => {
  let api: MessagesApi;
  beforeAll(async () => {
    api = await createMessagesApi([]);
  });
  afterAll(async () => {
    await api.close();
    await dockerClients()
      .calls.getImage(image)
      .remove({ force: true })
      .catch(() => {});
    rmSync(home, { recursive: true });
  });

  it('container builds, labels and tests the image; the second time it only tests', {
    timeout: 600_000,
  }, async () => {
    expect((await run(environment, [])).fields).toMatchObject({ DOCKER: 'running', IMAGE: 'missing' });
    const built = await run(container, ['--base-image', BASE_IMAGE]);
    expect(built).toMatchObject({
      exitCode: 0,
      fields: { STATUS: 'success', IMAGE: image, TEST: 'passed', CLAUDE: expect.stringMatching(/^\d/) },
    });
    const again = await run(container, []);
    expect(again).toMatchObject({
      exitCode: 0,
      fields: { STATUS: 'skipped', RESULT: 'up-to-date', TEST: 'passed' },
    });
    expect((await run(environment, [])).fields).toMatchObject({ IMAGE: 'present', DOCKER_USABLE: true });
  });

  it('container names a base image that is not there', async () => {
    const { exitCode, fields } = await run(container, ['--base-image', 'wharfie-no-such-base:1']);
    expect({ exitCode, error: fields.ERROR }).toEqual({ exitCode: 1, error: 'image-build-failed' });
    expect((await run(environment, [])).fields).toMatchObject({ IMAGE: 'present' });
  });

  it('credentials makes its call from inside a container too, which has no other way out', async () => {
    const key = 'key-of-a-local-gateway';
    const stored = await run(credentials, ['--provider', 'static', '--base-url', api.url], {
      ANTHROPIC_API_KEY: key,
    });
    expect(stored).toMatchObject({
      exitCode: 0,
      fields: { STATUS: 'success', CONTAINER_CHECK: 'accepted', DIRECT_NETWORK: 'refused' },
    });
    expect(api.seen.map((call) => [call.path, call.headers['x-api-key']])).toEqual([
      ['/v1/models?limit=1', key],
      ['/v1/messages/count_tokens', key],
    ]);
  });

  it('leaves no container behind', async () => {
    const filters = { name: ['wharfie-check'] };
    const checks = async () =>
      (await dockerClients().calls.listContainers({ all: true, filters })).map((one) => one.Id);
    // Steps of other tests may be at work on the same engine: theirs go by themselves.
    const present = await checks();
    await eventually(async () => {
      const left = await checks();
      return !present.some((id) => left.includes(id));
    }, 'the end of all checks');
  });
});
