import { expect, it, onTestFinished } from 'vitest';
import { installationIdOf } from '../../src/config.js';
import { orGone } from '../../src/engine/docker/errors.js';
import { runnerHash } from '../../src/engine/docker/index.js';
import { BASE_IMAGE, RUNNER_HASH } from '../../src/engine/docker/labels.js';
import { createMessagesApi } from '../fakes/messages-api.js';
import { createCloneWorld } from '../slow/update/world.js';
import { dockerClients, engineSocket, removeContainersOf } from './world.js';

const BASE = 'wharfie-test-base:24';
const DOCKERFILE = 'container/Dockerfile';
const RUNNER = 'container/agent-runner/src/main.ts';

/** An installation with its own image, whose agent is the real one. */
async function createWorld() {
  const api = await createMessagesApi(
    ({ lastUser }) => `You wrote: ${/>([^<]*)<\/message>/.exec(lastUser)?.[1]}`,
  );
  const world = createCloneWorld({
    dotenv: {
      ANTHROPIC_API_KEY: 'sk-ant-test-key-that-stays-on-the-host',
      ANTHROPIC_BASE_URL: api.url,
      WHARFIE_DOCKER_SOCKET: engineSocket(),
    },
  });
  const image = `wharfie-agent:${installationIdOf(world.clone)}`;
  const { calls } = dockerClients();
  onTestFinished(async () => {
    await removeContainersOf(world.clone);
    for (const name of [image, `${image}-before-update`]) await orGone(calls.getImage(name).remove());
    await api.close();
  });
  return {
    ...world,
    image,
    look: (name: string) => orGone(calls.getImage(name).inspect()),
    /** Its id and the images that only an update or a step that was cut off could have left. */
    async images() {
      const { Id } = await calls.getImage(image).inspect();
      const ours = await calls.listImages({ filters: { reference: [`${image}-*`] } });
      return { id: Id, beside: ours.flatMap((one) => one.RepoTags ?? []) };
    },
  };
}

/** Builds share all layers but the last ones with the image of this tier. */
it('an update rebuilds the image, and gives the old one back where the new version does not stand', {
  timeout: 900_000,
}, async () => {
  const world = await createWorld();
  // An image of its own: another name for that of this tier would keep it, whatever an update does.
  world.publish({ [RUNNER]: (text) => `${text}\n// Of this installation.\n` });
  world.git('pull', '--quiet');
  const built = await world.step('container', ['--base-image', BASE]);
  expect(built.fields).toMatchObject({ STATUS: 'success', IMAGE: world.image });
  expect(await world.say('one')).toContain('You wrote: one');
  const [code, before] = [world.code(), await world.images()];

  world.publish({ [DOCKERFILE]: (text) => `${text}RUN exit 3\n` });
  const unbuildable = await world.step('update');
  expect(unbuildable.fields).toMatchObject({ RESULT: 'rolled-back', CAUSE: 'image-build-failed' });
  expect([world.code(), await world.images()]).toEqual([code, before]);
  expect(await world.say('two')).toContain('You wrote: two');

  world.publish({
    [DOCKERFILE]: (text) => text.replace('RUN exit 3\n', ''),
    [RUNNER]: () => 'process.exit(7);\n',
  });
  const mute = await world.step('update');
  expect(mute.fields).toMatchObject({ RESULT: 'rolled-back', CAUSE: 'image-test-failed' });
  expect([world.code(), await world.images()]).toEqual([code, before]);
  expect(await world.say('three')).toContain('You wrote: three');

  const to = world.publish({ [RUNNER]: () => `${world.read(RUNNER)}\n// The next release.\n` });
  const done = await world.step('update');
  expect(done.fields).toMatchObject({ STATUS: 'success', RESULT: 'updated', TO: to, IMAGE: 'built' });
  const labels = (await world.look(world.image))?.Config.Labels;
  expect(labels).toMatchObject({ [RUNNER_HASH]: await runnerHash(world.clone), [BASE_IMAGE]: BASE });
  expect((await world.look(`${world.image}-before-update`))?.Id).toBe(before.id);
  expect(await world.say('four')).toContain('You wrote: four');

  // Back by hand: the old image is found again, not built.
  world.git('reset', '--quiet', '--hard', code[0] ?? '');
  expect((await world.step('container')).fields).toMatchObject({ STATUS: 'success', TEST: 'passed' });
  expect((await world.images()).id).toBe(before.id);
});
