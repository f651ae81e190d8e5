import { createHash } from 'node:crypto';
import { lchownSync, lstatSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout that this file belongs to. */
export const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));

/** One level below the root and no deeper: code finds its checkout as the folder above its own (`codeRoot`). */
export const dist = path.join(root, 'dist');

/**
 * What is built together, and from where. The agent-runner is apart: a step need not look at its files.
 * @type {Record<string, Record<string, string>>}
 */
export const targets = {
  main: {
    host: 'src/index.ts',
    setup: 'setup/index.ts',
    chat: 'scripts/chat.ts',
    reader: 'src/outbound-reader/child.ts',
    parser: 'src/parser/child.ts',
  },
  runner: { runner: 'container/agent-runner/src/main.ts' },
};

const IF_THERE = { throwIfNoEntry: false };

/** A file that a build was made of: its name, time and size. @typedef {[string, number, number]} Source */

/**
 * `hash`: what the sources said. `files`: what the build consists of, in `dist`.
 * @typedef {{ id: string, hash: string, sources: Source[], files: string[] }} Build
 */

/** @param {string} target */
const currentFile = (target) => path.join(dist, `${target}.json`);

/**
 * Whether what lies in `dist` may run: it has to be a real folder of the checkout's owner, of root or of whoever runs it,
 * that not everybody can write.
 */
export function isDistOurs() {
  const folder = lstatSync(dist);
  const owners = [0, process.getuid?.(), statSync(root).uid];
  return folder.isDirectory() && (folder.mode & 0o002) === 0 && owners.includes(folder.uid);
}

/**
 * The build of this target that was made last; null: there is none that may run.
 * @param {string} target
 * @returns {Build | null}
 */
export function lastBuild(target) {
  try {
    return isDistOurs() ? JSON.parse(readFileSync(currentFile(target), 'utf8')) : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} target
 * @param {Build} build
 */
export function makeCurrent(target, build) {
  put(currentFile(target), JSON.stringify(build));
}

/**
 * Whether this build was made of the sources as they are. Times and sizes say so quickly; where they differ, as in a
 * copy of the checkout, the content does.
 * @param {string} target
 * @param {Build} build
 */
export function isCurrent(target, build) {
  const same = build.sources.every(([name, time, size]) => {
    const stats = statSync(`${root}/${name}`, IF_THERE);
    return stats === undefined ? size === -1 : stats.mtimeMs === time && stats.size === size;
  });
  if (same) return true;
  if (hashOf(build.sources.map(([name]) => name)) !== build.hash) return false;
  try {
    if (lastBuild(target)?.id === build.id)
      makeCurrent(target, { ...build, sources: build.sources.map(([name]) => sourceOf(name)) });
  } catch {
    // A folder that cannot be written: it is compared again next time.
  }
  return true;
}

/**
 * @param {string} name
 * @returns {Source}
 */
export function sourceOf(name) {
  const stats = statSync(`${root}/${name}`, IF_THERE);
  return [name, stats?.mtimeMs ?? 0, stats?.size ?? -1];
}

/** @param {string[]} names */
export function hashOf(names) {
  const hash = createHash('sha256');
  for (const name of names) {
    const text = readOrNull(path.join(root, name));
    hash.update(`${name}\0${text?.length}\0`).update(text ?? '');
  }
  return hash.digest('hex');
}

/** @param {string} file */
function readOrNull(file) {
  try {
    return readFileSync(file);
  } catch {
    return null;
  }
}

/**
 * Writes a file of `dist` whole or not at all, whoever else does the same. Root leaves it to the checkout's owner.
 * @param {string} file
 * @param {string | Uint8Array} content
 */
export function put(file, content) {
  const part = `${file}.${process.pid}.part`;
  try {
    writeFileSync(part, content, { mode: 0o644 });
    giveToOwner(part);
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

/** @param {string} file */
export function giveToOwner(file) {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(root);
  lchownSync(file, uid, gid);
}
