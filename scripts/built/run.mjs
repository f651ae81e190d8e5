import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { dist, isCurrent, lastBuild, root, targets } from './current.mjs';
import { noteUse } from './in-use.mjs';

/*
 * `node scripts/built/run.mjs <program> [arguments]`: runs a program of this checkout from its build, which is made anew
 * where a source has changed, and from the sources by tsx where it cannot be built. `--build` only builds.
 */
const [, , program = '', ...args] = process.argv;

if (program === '--build') await buildAll();
else await run(program, args);

async function buildAll() {
  for (const target of Object.keys(targets)) {
    const made = await currentBuild(target);
    if (made === null)
      process.stderr.write(`${target} was not built: it runs from its sources, more slowly.\n`);
  }
}

/**
 * @param {string} program
 * @param {string[]} args
 */
async function run(program, args) {
  const found = Object.entries(targets).find(([, programs]) => Object.hasOwn(programs, program));
  const source = found?.[1][program];
  if (found === undefined || source === undefined) {
    process.stderr.write(`There is no program ${JSON.stringify(program)}.\n`);
    process.exit(2);
  }
  const built = await currentBuild(found[0]);
  const file = built ? path.join(dist, `${program}-${built.id}.js`) : path.join(root, source);
  process.argv = [process.argv[0] ?? '', file, ...args];
  if (built) noteUse(built.id);
  else await import(/** @type {string} */ ('tsx'));
  // A path is no URL: one with a % in it would be read as one.
  await import(pathToFileURL(file).href);
}

/** @param {string} target */
async function currentBuild(target) {
  const last = lastBuild(target);
  if (last !== null && isCurrent(target, last)) return last;
  try {
    const { build } = await import('./build.mjs');
    return await build(target);
  } catch (error) {
    if (process.env.WHARFIE_BUILT_DEBUG) process.stderr.write(`${error}\n`);
    return null;
  }
}
