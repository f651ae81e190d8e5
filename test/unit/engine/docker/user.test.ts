import { describe, expect, it } from 'vitest';
import { chooseIdentity } from '../../../../src/engine/docker/user.js';

const rootDir = '/var/lib/docker';
const seccomp = 'name=seccomp,profile=default';

describe('the user of a container', () => {
  it.each([
    ['root host', 0, [seccomp], rootDir, { user: { uid: 1000, gid: 1000 }, owner: { uid: 1000, gid: 1000 } }],
    ['host user 1000', 1000, [seccomp], rootDir, { user: { uid: 1000, gid: 1000 }, owner: null }],
    ['host user 12345', 12345, [], rootDir, { user: { uid: 12345, gid: 12345 }, owner: null }],
    ['rootless engine', 1000, [seccomp, 'name=rootless'], rootDir, { user: { uid: 0, gid: 0 }, owner: null }],
    [
      'remapped users, root host',
      0,
      ['name=userns'],
      '/var/lib/docker/231072.231073',
      { user: { uid: 0, gid: 0 }, owner: { uid: 231072, gid: 231073 } },
    ],
    ['remapped users, other host user', 1000, ['name=userns'], '/var/lib/docker/231072.231072', null],
    ['remapped users nobody knows', 0, ['name=userns'], rootDir, null],
  ])('%s', (_, id, securityOptions, dir, expected) => {
    expect(chooseIdentity({ uid: id, gid: id }, { securityOptions, rootDir: dir })).toEqual(expected);
  });
});
