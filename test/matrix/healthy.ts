import assert from 'node:assert/strict';
import { createWorld } from './world.js';

/** Run by a test as another user: an installation of his own, in which nothing is found before and after an answer. */
const at = await createWorld();
try {
  assert.deepEqual(await at.verify(), []);
  await at.answers();
  assert.deepEqual(await at.verify(), []);
} finally {
  await at.close();
}
