import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { createDockerEngine, runnerHash } from '../../src/engine/docker/index.js';
import { dockerClients } from './world.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** A checkout whose image would have a Dockerfile and nothing else. */
const elsewhere = mkdtempSync(join(tmpdir(), 'wharfie-checkout-'));
const engineFor = (image: string, checkout: string) =>
  createDockerEngine({
    docker: dockerClients(),
    installationId: 'image-test',
    image,
    expectedHash: () => runnerHash(checkout),
    clock: systemClock,
    log: pino({ level: 'silent' }),
  });

/** What a shell line in the agent image prints, as the user that it has by default. */
async function inImage(line: string): Promise<string> {
  const output = new PassThrough();
  const printed = text(output);
  await dockerClients().calls.run(inject('agentImage'), ['-c', line], output, {
    Entrypoint: ['sh'],
    Tty: true,
    HostConfig: { NetworkMode: 'none', AutoRemove: true },
  });
  output.end();
  return (await printed).replaceAll('\r\n', '\n').trim();
}

describe('the agent image', () => {
  beforeAll(() => {
    mkdirSync(join(elsewhere, 'container', 'agent-runner'), { recursive: true });
    writeFileSync(join(elsewhere, 'container', 'Dockerfile'), 'FROM scratch');
  });
  afterAll(() => rmSync(elsewhere, { recursive: true }));

  it('passes the check of the checkout that it was built from', async () => {
    await expect(engineFor(inject('agentImage'), root).check()).resolves.toBeUndefined();
  });

  it('is called stale when the sources are others, and missing when it is not there', async () => {
    const cure = { fix: expect.stringContaining('./wharfie container') };
    const other = engineFor(inject('agentImage'), elsewhere);
    await expect(other.check()).rejects.toMatchObject({ code: 'image-stale', ...cure });
    const missing = engineFor('wharfie-no-such-image', root);
    await expect(missing.check()).rejects.toMatchObject({ code: 'image-missing', ...cure });
  });

  it('holds what V8 made of the runner, so that a start compiles nothing', async () => {
    const lines = (what: string) =>
      `NODE_DEBUG_NATIVE=COMPILE_CACHE node /app/src/main.ts 2>&1 | grep -c '/app/src/.*${what}'`;
    const printed = await inImage(`${lines('was accepted')}; ${lines('\\(was rejected\\|no such file\\)')}`);
    const [accepted, missing] = printed.split('\n').map(Number);
    expect(accepted).toBeGreaterThan(30);
    expect(missing).toBe(0);
  });

  it('has every mount point, the heartbeat link and the tools, and is not root', async () => {
    const mountPoints = ['in', 'out', 'agent', 'global', 'extra', 'outbound.db', 'outbound.db-journal'];
    const printed = await inImage(
      `id -u; pwd; echo $HOME; readlink /workspace/.heartbeat; ls -1d ${mountPoints.map((name) => `/workspace/${name}`).join(' ')} /run/wharfie /home/node; for tool in git curl node; do command -v $tool; done`,
    );
    expect(printed.split('\n').slice(0, 4)).toEqual([
      '1000',
      '/workspace/agent',
      '/home/node',
      'out/.heartbeat',
    ]);
    for (const name of mountPoints) expect(printed).toContain(`/workspace/${name}`);
    expect(printed).not.toContain('No such file');
    for (const tool of ['git', 'curl', 'node']) expect(printed).toMatch(new RegExp(`/${tool}$`, 'm'));
  });

  it('keeps no cache of npm in its layers', async () => {
    expect(await inImage('ls -A /tmp /root/.npm 2>/dev/null | grep -c _cacache')).toBe('0');
  });
});
