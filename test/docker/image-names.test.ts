import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { besideName, nameImage, unnameImage } from '../../container/image-names.js';
import { orGone } from '../../src/engine/docker/errors.js';
import { newId } from '../../src/ids.js';
import { dockerClients } from './world.js';

const name = `wharfie-names:${newId('drop').slice(-8)}`;
const kept = besideName(name, 'before-update');
const { calls } = dockerClients();
const idOf = async (image: string) => (await orGone(calls.getImage(image).inspect()))?.Id ?? null;
let first = '';
let second = '';

/** An image that is like no other. */
async function makeImage(): Promise<string> {
  const container = await calls.createContainer({ Image: inject('conformanceImage') });
  const { Id } = await container.commit({ comment: newId('drop') });
  await container.remove();
  return Id;
}

beforeAll(async () => {
  [first, second] = [await makeImage(), await makeImage()];
  await nameImage(calls, first, name);
});
afterAll(async () => {
  for (const one of [name, kept]) await orGone(calls.getImage(one).remove());
});

it('keeps an image that has another name, and deletes it with its last one', async () => {
  await nameImage(calls, first, kept);
  await nameImage(calls, second, name);
  expect([await idOf(name), await idOf(kept)]).toEqual([second, first]);
  await nameImage(calls, first, name);
  expect([await idOf(name), await idOf(second)]).toEqual([first, null]);
  await unnameImage(calls, kept);
  expect([await idOf(name), await idOf(kept)]).toEqual([first, null]);
});

it('says nothing of an image that is not there', async () => {
  await unnameImage(calls, `${name}-gone`);
  await expect(nameImage(calls, `${name}-gone`, name)).rejects.toMatchObject({ statusCode: 404 });
  expect(await idOf(name)).toBe(first);
});
