import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRunDirs, RunDirError, rememberRoot, runDirRoots } from '../../../src/egress/run-dir.js';

const temporary = () => mkdtempSync(join(tmpdir(), 'wharfie-run-'));
const prepare = (...roots: string[]) => createRunDirs({ installation: '0a1b2c3d', roots }).prepare('ses_1');
const codeOf = (act: () => unknown) => {
  try {
    return act();
  } catch (error) {
    return error instanceof RunDirError ? error.code : error;
  }
};

describe('run folders', () => {
  it('are short, stable, one a session, and may be passed through by the container only', () => {
    const root = join(temporary(), 'wharfie');
    const dir = prepare(root);
    expect(dir).toMatch(/\/wharfie\/0a1b2c3d\/[0-9a-f]{12}$/);
    expect(prepare(root)).toBe(dir);
    expect(createRunDirs({ installation: '0a1b2c3d', roots: [root] }).prepare('ses_2')).not.toBe(dir);
    for (const path of [root, join(root, '0a1b2c3d'), dir]) expect(statSync(path).mode & 0o7777).toBe(0o711);
  });

  it('are put right when somebody opened them', () => {
    const root = join(temporary(), 'wharfie');
    chmodSync(prepare(root), 0o777);
    expect(statSync(prepare(root)).mode & 0o7777).toBe(0o711);
  });

  it('go elsewhere when the path would be cut, and nowhere when none is short enough', () => {
    const base = temporary();
    const long = join(base, 'x'.repeat(100));
    expect(prepare(long, join(base, 'w'))).toMatch(/\/w\/0a1b2c3d\//);
    expect(codeOf(() => prepare(long))).toBe('socket-path-too-long');
    const rest = '/0a1b2c3d/0123456789ab/egress.sock'.length;
    const fits = (bytes: number) => join(base, 'y'.repeat(bytes - rest - base.length - 1));
    expect(prepare(fits(100))).toContain(fits(100));
    expect(codeOf(() => prepare(fits(101)))).toBe('socket-path-too-long');
  });

  it('are refused where a link or a file stands in their place', () => {
    const base = temporary();
    mkdirSync(join(base, 'elsewhere'));
    symlinkSync(join(base, 'elsewhere'), join(base, 'link'));
    expect(codeOf(() => prepare(join(base, 'link')))).toBe('run-dir-unsafe');
  });

  it.runIf(process.getuid?.() === 0)("are refused where the folder is somebody else's", () => {
    const root = join(temporary(), 'wharfie');
    mkdirSync(root);
    chownSync(root, 12345, 12345);
    expect(codeOf(() => prepare(root))).toBe('run-dir-unsafe');
  });

  it('are looked for in the cache folder first', () => {
    expect(runDirRoots({}, '/home/ada', 7)).toEqual(['/home/ada/.cache/wharfie', '/tmp/wharfie-7']);
    expect(runDirRoots({ XDG_CACHE_HOME: '/c', XDG_RUNTIME_DIR: '/run/user/7' }, '/home/ada', 7)).toEqual([
      '/c/wharfie',
      '/run/user/7/wharfie',
      '/tmp/wharfie-7',
    ]);
  });

  it('stay where they were, whatever the next environment says, for the containers have them', () => {
    const base = temporary();
    const remembered = rememberRoot(join(base, 'run-root'));
    const from = (root: string) =>
      createRunDirs({ installation: '0a1b2c3d', roots: [join(base, root)], remembered }).prepare('ses_1');
    const first = from('a');
    expect(from('b')).toBe(first);
    rmSync(join(base, 'a'), { recursive: true });
    writeFileSync(join(base, 'a'), 'in the way');
    // What cannot be used any more is forgotten, and the new one is kept.
    const second = from('b');
    expect(second).toContain(join(base, 'b'));
    expect(from('c')).toBe(second);
    writeFileSync(join(base, 'run-root'), 'relative');
    expect(from('c')).toContain(join(base, 'c'));
  });
});
