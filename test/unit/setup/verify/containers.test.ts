import { expect, it } from 'vitest';
import { type ContainerFacts, judgeContainers } from '../../../../setup/verify/containers.js';
import { container } from './healthy.js';

const limits = container().limits;
const mount = (source: string, target: string) => ({ source, target, readOnly: false });

/** All of what docs/security.md promises of a container, one thing after the other taken away. */
const weak: [change: Partial<ContainerFacts>, word: string][] = [
  [{ networkMode: 'bridge' }, 'network bridge'],
  [{ readOnlyRoot: false }, 'root'],
  [{ droppedCapabilities: [] }, 'capabilities'],
  [{ addedCapabilities: ['NET_ADMIN'] }, 'capabilities'],
  [{ privileged: true }, 'privileged'],
  [{ securityOptions: ['seccomp={}'] }, 'privileges'],
  [{ securityOptions: ['no-new-privileges'] }, 'system call'],
  [{ securityOptions: ['no-new-privileges', 'seccomp=unconfined'] }, 'system call'],
  [{ limits: { ...limits, memory: 0 } }, 'memory'],
  [{ limits: { ...limits, memoryAndSwap: -1 } }, 'memory'],
  [{ limits: { ...limits, pids: 0 } }, 'processes'],
  [{ limits: { ...limits, nanoCpus: 0 } }, 'processors'],
  [{ limits: { ...limits, fileSize: 0 } }, 'files'],
  [{ hasInit: false }, 'init'],
  [{ shared: ['private', 'host'] }, 'shares'],
  [{ devices: 1 }, 'devices'],
  [{ logDriver: 'json-file' }, 'log (json-file)'],
  [{ mounts: [mount('/var/run/docker.sock', '/x')] }, 'socket of the engine'],
  [{ mounts: [mount('/srv/in', '/workspace/in')] }, 'can write /workspace/in'],
];

it.each(weak)('a container with %j is not locked down', (change, word) => {
  const found = judgeContainers([container(change)], []);
  expect(found).toMatchObject([
    { id: 'container-weak', severity: 'error', message: expect.stringContaining(word) },
  ]);
});
