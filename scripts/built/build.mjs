import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import {
  dist,
  giveToOwner,
  hashOf,
  isDistOurs,
  lastBuild,
  makeCurrent,
  put,
  root,
  sourceOf,
  targets,
} from './current.mjs';
import { buildsInUse, noteUse } from './in-use.mjs';

// Native code; what only channels that are on load; and what the packages of channels share with us.
const OUTSIDE = [
  ...['better-sqlite3', 'ssh2', 'cpu-features', 'tsx', 'esbuild'],
  ...['chat', '@chat-adapter/*', 'discord.js', 'html-to-text', '@anthropic-ai/*'],
];

/** Parts of packages that are slow to load and rarely needed, or that read files beside themselves. */
const WHEN_CALLED = new Map([
  ['docker-modem/lib/ssh', 'module.exports = (...args) => require("docker-modem/lib/ssh")(...args);'],
  ['dockerode/lib/session', 'module.exports = (...args) => require("dockerode/lib/session")(...args);'],
  // Dockerode requires it inside a function.
  ['dockerode/lib/buildkit', 'module.exports = require("dockerode/lib/buildkit");'],
]);

/** CommonJS packages require what Node brings. */
const BANNER =
  "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);";

/**
 * Each file takes longer to load than what it says, and esbuild makes one for each combination of steps that share
 * something. So all steps share what one of the smallest needs.
 */
const TOGETHER =
  /^setup\/(?!index|steps)[a-z]+\.ts$|^src\/channels\/[a-z-]+\/(platform|credentials|connection)\.ts$/;
const COMMON = 'setup/register.ts';

const IS_PACKAGE = /(^|\/)node_modules\//;

/**
 * Builds a target and makes that the current build. Rejects where it cannot be built: no esbuild, a folder that cannot be
 * written, a source that is wrong or that changes meanwhile.
 * @param {string} target
 * @returns {Promise<import('./current.mjs').Build>}
 */
export async function build(target) {
  const began = Date.now();
  const esbuild = await import('esbuild');
  const id = `${began.toString(36)}-${process.pid.toString(36)}`;
  const { outputFiles, metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: targets[target] ?? {},
    outdir: dist,
    // Never the same name for another content: a process that runs loads more of its own build later.
    entryNames: `[name]-${id}`,
    chunkNames: `[name]-${id}-[hash]`,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    tsconfigRaw: { compilerOptions: { target: 'es2023', verbatimModuleSyntax: true } },
    define: { WHARFIE_BUILD: JSON.stringify(id) },
    external: OUTSIDE,
    banner: { js: BANNER },
    // Names stay: stack traces are read.
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap: 'linked',
    sourcesContent: false,
    write: false,
    metafile: true,
    logLevel: 'silent',
    plugins: [{ name: 'when-called', setup: loadWhenCalled }],
  });
  const own = Object.keys(metafile.inputs).filter((name) => !IS_PACKAGE.test(name));
  const names = [
    ...own,
    ...builders(),
    'package.json',
    'package-lock.json',
    'node_modules/.package-lock.json',
  ];
  for (const name of names) {
    // Unlike the other times, this one tells also of a file that was put in the place of another.
    const changed = statSync(path.join(root, name), { throwIfNoEntry: false })?.ctimeMs ?? 0;
    if (changed >= began) throw new Error(`${name} changed while it was built.`);
  }
  const made = {
    id,
    hash: hashOf(names),
    sources: names.map(sourceOf),
    files: outputFiles.map((one) => path.basename(one.path)),
  };
  if (mkdirSync(dist, { recursive: true, mode: 0o755 })) giveToOwner(dist);
  if (!isDistOurs()) throw new Error(`${dist} is not a folder of this checkout's owner.`);
  const before = lastBuild(target);
  // In this order: another process that removes builds meanwhile keeps this one.
  noteUse(id);
  put(manifestOf(id), JSON.stringify(made.files));
  for (const { path: file, contents } of outputFiles) put(file, contents);
  makeCurrent(target, made);
  try {
    removeOthers(before?.id);
  } catch {
    // Another process removes the same ones; what it leaves goes with the next build.
  }
  return made;
}

/** @param {import('esbuild').PluginBuild} hooks */
function loadWhenCalled(hooks) {
  hooks.onResolve({ filter: /^(docker-modem|dockerode)\/lib\// }, ({ path: name }) =>
    WHEN_CALLED.has(name) ? { path: name, external: true } : undefined,
  );
  hooks.onLoad({ filter: /[\\/](src|setup|scripts|container)[\\/].*\.ts$/ }, ({ path: file }) => {
    const text = readFileSync(file, 'utf8')
      // esbuild leaves out what nobody uses of a whole module, but not of an object that a module exports.
      .replace("import { z } from 'zod';", "import * as z from 'zod';");
    const name = path.relative(root, file).split(path.sep).join('/');
    return {
      contents: TOGETHER.test(name) ? `${text}\nimport ${JSON.stringify(path.join(root, COMMON))};` : text,
      loader: 'ts',
    };
  });
  hooks.onLoad({ filter: /[\\/](docker-modem|dockerode)[\\/]lib[\\/]\w+\.js$/ }, ({ path: file }) => {
    const name = file.split(path.sep).slice(-3).join('/').replace(/\.js$/, '');
    const contents = WHEN_CALLED.get(name);
    return contents === undefined ? undefined : { contents };
  });
}

const builders = () =>
  readdirSync(path.join(root, 'scripts', 'built')).map((name) => `scripts/built/${name}`);

/** @param {string} id */
const manifestOf = (id) => path.join(dist, `build-${id}.files`);

/**
 * Removes builds that no process uses and that are neither current nor the one before.
 * @param {string | undefined} before
 */
function removeOthers(before) {
  const ids = readdirSync(dist).flatMap((name) => /^build-(.+)\.files$/.exec(name)?.[1] ?? []);
  // Last, since a process that has just built stops using its build only when that is the current one.
  const kept = [before, ...buildsInUse(), ...Object.keys(targets).map((target) => lastBuild(target)?.id)];
  for (const id of ids.filter((one) => !kept.includes(one))) {
    for (const name of JSON.parse(readFileSync(manifestOf(id), 'utf8')))
      rmSync(path.join(dist, name), { force: true });
    rmSync(manifestOf(id), { force: true });
  }
}
