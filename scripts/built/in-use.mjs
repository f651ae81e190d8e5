import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { dist } from './current.mjs';

const NAME = /^used-by-(\d+)$/;
const fileOf = (/** @type {number} */ pid) => path.join(dist, `used-by-${pid}`);

/**
 * Says for as long as this process lives that it may load more of this build.
 * @param {string} id
 */
export function noteUse(id) {
  const file = fileOf(process.pid);
  try {
    writeFileSync(file, id);
    process.on('exit', () => rmSync(file, { force: true }));
  } catch {
    // Who cannot write there builds nothing; the build before the current one stays in any case.
  }
}

/** The builds of all processes that live, and of none that was killed. */
export function buildsInUse() {
  return readdirSync(dist).flatMap((name) => {
    const pid = Number(NAME.exec(name)?.[1] ?? 0);
    if (pid === 0) return [];
    if (lives(pid)) return readFileSync(fileOf(pid), 'utf8');
    rmSync(fileOf(pid), { force: true });
    return [];
  });
}

/** @param {number} pid */
function lives(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: another user's.
    return error instanceof Error && 'code' in error && error.code !== 'ESRCH';
  }
}
