import { describe, expect, it } from 'vitest';
import { createOptions } from '../../../../src/engine/docker/create-options.js';
import { readLabels } from '../../../../src/engine/docker/labels.js';
import { seccompProfile } from '../../../../src/engine/docker/seccomp.js';
import { specFor } from '../../../engine-conformance/harness.js';

const plain = { spec: <T>(spec: T) => spec };
const context = { installationId: 'here', user: { uid: 12, gid: 34 } };

describe('what Docker is asked for', () => {
  it('takes the environment of the spec and a home, and nothing of the host', () => {
    const spec = specFor(plain, 'echo', { env: { TZ: 'Europe/Berlin', ODD: 'a=b\nc' } });
    expect(createOptions(spec, context)).toMatchObject({
      Env: ['HOME=/home/node', 'PROGRAM=echo', 'TZ=Europe/Berlin', 'ODD=a=b\nc'],
      User: '12:34',
    });
    expect(createOptions({ ...spec, env: { HOME: '/elsewhere' } }, context).Env).toEqual(['HOME=/elsewhere']);
  });

  it('is found again by its labels, by its own installation alone', () => {
    const spec = specFor(plain, 'echo', { incarnation: 9 });
    const labels = createOptions(spec, context).Labels ?? {};
    const { name, sessionId } = spec;
    expect(readLabels(name, labels, 'here')).toEqual({ name, sessionId, incarnation: 9, mode: 'run' });
    expect(readLabels(name, labels, 'there')).toBeNull();
    expect(readLabels(name, { ...labels, 'wharfie.incarnation': 'x' }, 'here')).toBeNull();
    expect(readLabels(name, {}, 'here')).toBeNull();
  });
});

describe('the seccomp profile', () => {
  const profile = JSON.parse(seccompProfile());
  const allowed = new Set<string>(
    profile.syscalls.flatMap((rule: { action: string; names: string[] }) => {
      return rule.action === 'SCMP_ACT_ALLOW' ? rule.names : [];
    }),
  );

  it('refuses what it does not list', () => {
    expect(profile.defaultAction).toBe('SCMP_ACT_ERRNO');
    for (const name of [
      'mknod',
      'mknodat',
      'mount',
      'unshare',
      'setns',
      'bpf',
      'keyctl',
      'io_uring_setup',
      ...['io_setup', 'io_destroy', 'io_submit', 'io_cancel', 'io_getevents', 'io_pgetevents'],
      'chroot',
    ]) {
      expect(allowed).not.toContain(name);
    }
    for (const name of ['openat', 'execve', 'futex', 'statx', 'epoll_wait', 'flock'])
      expect(allowed).toContain(name);
  });

  it('names each call once', () => {
    const names: string[] = profile.syscalls[0].names;
    expect(new Set(names).size).toBe(names.length);
  });

  it('allows clone and socket with conditions only', () => {
    expect(profile.syscalls[0].names).not.toEqual(expect.arrayContaining(['clone']));
    expect(profile.syscalls[0].names).not.toEqual(expect.arrayContaining(['socket']));
    expect(profile.syscalls[0].names).not.toEqual(expect.arrayContaining(['socketpair']));
    const families = (name: string) =>
      profile.syscalls
        .filter((rule: { names: string[] }) => rule.names.includes(name))
        .map((rule: { args: { index: number; valueTwo: number }[] }) => rule.args);
    expect(families('socketpair')).toEqual(families('socket'));
    expect(profile.syscalls).toContainEqual({ names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 });
  });
});
