import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { codeRoot } from '../../../../src/config.js';
import { createInstallation } from '../harness.js';

const KEY = 'sk-ant-api03-typed-by-a-person';
const step = [join(codeRoot, 'scripts', 'built', 'run.mjs'), 'setup', '--step', 'credentials'];
const store = [...step, '--', '--provider', 'static', '--base-url', 'http://127.0.0.1:9'];

function start(home: string, program: string, args: string[]) {
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    WHARFIE_HOME: home,
    TERM: 'dumb',
    DOCKER_HOST: 'unix:///nowhere',
  };
  const child = spawn(program, args, { env, cwd: codeRoot, stdio: ['pipe', 'pipe', 'pipe'] });
  return { child, ended: once(child, 'close'), stdout: text(child.stdout), stderr: text(child.stderr) };
}

async function piped(input: string) {
  const { home } = createInstallation();
  const { child, ended, stdout } = start(home, process.execPath, store);
  child.stdin.end(input);
  const [exitCode] = await ended;
  return { exitCode, output: await stdout };
}

describe('secrets on standard input', () => {
  it('takes NAME=value as it is, comments and empty lines apart', async () => {
    const { exitCode, output } = await piped(`# mine\r\n\r\nANTHROPIC_API_KEY= ${KEY}#"x' \r\n`);
    // It was taken, and then there was no API to verify it with.
    expect(output).toContain('ERROR: api-unreachable');
    expect(exitCode).toBe(1);
    expect(output).not.toContain(KEY);
  });

  it('asks for input where there is none', async () => {
    expect(await piped('')).toMatchObject({
      exitCode: 3,
      output: expect.stringContaining('STATUS: needs_input'),
    });
  });

  it.each([
    ['another name', `ANTHROPIC_API_KEI=${KEY}\n`, 'unknown-secret'],
    ['no name', `${KEY}\n`, 'input-unreadable'],
    ['too much', `ANTHROPIC_API_KEY=${'x'.repeat(300_000)}\n`, 'input-unreadable'],
  ])('refuses %s without repeating it', async (_, input, code) => {
    const { exitCode, output } = await piped(input);
    expect(exitCode).toBe(4);
    expect(output).toContain(`ERROR: ${code}`);
    expect(output).not.toContain(KEY);
  });
});

describe('secrets on a terminal', () => {
  /** `script` gives the step a terminal of its own; what the terminal shows is its output. */
  async function typed(keys: string) {
    const { home } = createInstallation();
    const command = [process.execPath, ...store].map((word) => `'${word}'`).join(' ');
    const { child, ended, stdout } = start(home, 'script', ['-qec', command, '/dev/null']);
    let shown = '';
    child.stdout.on('data', (chunk) => {
      const before = shown;
      shown += String(chunk);
      if (shown.includes('not shown') && !before.includes('not shown')) child.stdin.write(keys);
    });
    await ended;
    return stdout;
  }

  it('asks, and does not show what is typed', async () => {
    const shown = await typed(`${KEY}\r`);
    expect(shown).toContain('Anthropic API key');
    expect(shown).toContain('ERROR: api-unreachable');
    expect(shown).not.toContain(KEY);
  });

  it('ends with nothing written when the person gives up', async () => {
    expect(await typed('\u0003')).toContain('ERROR: cancelled');
  });
});
