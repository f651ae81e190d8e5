import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { container } from '../../../setup/container.js';
import { nextOf } from '../../../setup/environment/next.js';
import { environment } from '../../../setup/environment.js';
import { register } from '../../../setup/register.js';
import { createInstallation } from './harness.js';

/** A folder with a program named `docker`, for PATH. */
function pathWithDocker(home: string): string {
  const bin = join(home, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'docker'), '#!/bin/sh\n');
  chmodSync(join(bin, 'docker'), 0o755);
  return bin;
}

/** An engine that only says what it is. */
async function engineThatSays(home: string, info: unknown): Promise<string> {
  const socket = join(home, 'engine.sock');
  const server = createServer((_, response) => response.end(JSON.stringify(info))).listen(socket);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `unix://${socket}`;
}

describe('environment', () => {
  it('describes an empty machine and makes nothing', async () => {
    const at = createInstallation();
    expect(await at.run(environment)).toMatchObject({
      // Nothing is set up yet, which fails nothing; without an engine nothing can be.
      exitCode: 1,
      fields: {
        FOUND: expect.stringMatching(/^docker-/),
        FIX: expect.any(String),
        NODE: process.versions.node,
        DOCKER_USABLE: false,
        DATABASE: false,
        ENV_FILE: false,
        CREDENTIAL: 'missing',
        REGISTERED_GROUPS: 0,
        HOST: 'stopped',
      },
    });
  });

  it('sees what is set up, and never says a secret', async () => {
    const at = createInstallation();
    at.writeEnv('ANTHROPIC_API_KEY=very-secret\nDISCORD_BOT_TOKEN=very-secret\nASSISTANT_NAME=Bea\n');
    await at.run(register, [
      '--platform-id',
      'discord:@me:1200000000000000002',
      '--name',
      'A',
      '--folder',
      'a',
    ]);
    const { fields, output } = await at.run(environment);
    expect(fields).toMatchObject({
      CREDENTIAL: 'configured',
      ASSISTANT_NAME: 'Bea',
      CHANNELS_CONFIGURED: expect.stringContaining('discord'),
      AGENT_GROUPS: 1,
      REGISTERED_GROUPS: 1,
    });
    expect(output).not.toContain('very-secret');
  });

  it('tells an engine that is down from one whose files agents cannot share', async () => {
    const at = createInstallation();
    const env = { ...at.context.env, PATH: pathWithDocker(at.home) };
    expect((await at.run(environment, [], { env })).fields).toMatchObject({
      DOCKER: 'installed_not_running',
      DOCKER_PROBLEM: expect.stringContaining('docker-not-running'),
    });
    const DOCKER_HOST = await engineThatSays(at.home, { OSType: 'linux', OperatingSystem: 'Docker Desktop' });
    expect((await at.run(environment, [], { env: { DOCKER_HOST } })).fields).toMatchObject({
      DOCKER: 'running',
      DOCKER_USABLE: false,
      DOCKER_PROBLEM: expect.stringContaining('engine-mount-unsupported'),
    });
  });

  it('sees a credential that lies with OneCLI', async () => {
    const at = createInstallation();
    at.writeEnv('WHARFIE_CREDENTIALS=onecli\nONECLI_URL=http://127.0.0.1:9\nONECLI_API_KEY=oc_secret_key\n');
    expect((await at.run(environment)).fields.CREDENTIAL).toBe('configured');
  });

  it('gives the command for the first thing that is missing, down to the proof', () => {
    const ready = {
      DOCKER_USABLE: true,
      DOCKER_FIX: 'start docker',
      IMAGE: 'present',
      CREDENTIAL: 'configured',
      CHANNELS_CONFIGURED: 'telegram',
      HOST: 'running',
      REGISTERED_GROUPS: 1,
    };
    const lacks = [
      { REGISTERED_GROUPS: 0 },
      { HOST: 'stopped' },
      { CHANNELS_CONFIGURED: 'none' },
      { CREDENTIAL: 'missing' },
      { IMAGE: 'stale' },
      { DOCKER_USABLE: false },
    ];
    const all = lacks.map((_, n) => nextOf(Object.assign({}, ready, ...lacks.slice(0, n + 1))));
    const commands = [
      './wharfie pair',
      './wharfie service',
      '--list',
      './wharfie credentials',
      './wharfie container',
    ];
    for (const [n, command] of commands.entries()) expect(all[n]).toContain(command);
    expect([all[5], nextOf(ready)]).toEqual([
      'start docker',
      expect.stringContaining('./wharfie verify --live'),
    ]);
  });

  it('names every wrong setting of .env at once', async () => {
    const at = createInstallation();
    at.writeEnv('TZ=Mars\nWHARFIE_LOG_LEVEL=loud\n');
    expect(await at.run(environment)).toMatchObject({
      exitCode: 2,
      fields: { ERROR: 'config-invalid', MESSAGE: expect.stringMatching(/TZ[\s\S]*WHARFIE_LOG_LEVEL/) },
    });
  });
});

describe('container', () => {
  it('needs a running engine, and says how to get one', async () => {
    const at = createInstallation();
    const env = { ...at.context.env, PATH: pathWithDocker(at.home) };
    expect(await at.run(container, [], { env })).toMatchObject({
      exitCode: 2,
      fields: { ERROR: 'docker-not-running', FIX: expect.stringContaining('systemctl start docker') },
    });
  });

  it('refuses a base image that is no name', async () => {
    const at = createInstallation();
    expect(await at.run(container, ['--base-image', '$(rm -rf /)'])).toMatchObject({
      exitCode: 4,
      fields: { ERROR: 'invalid-value' },
    });
  });
});
