import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createInstallation, type Installation } from './host-process.js';

let home: Installation;

beforeEach(() => {
  home = createInstallation({ WHARFIE_DOCKER_SOCKET: '/nonexistent/docker.sock' });
});
afterEach(() => home.remove());

const service = ['src/index.ts', '--service'];

describe('what stands in the way is said, with the next command', () => {
  it('refuses a second host and names the first', async () => {
    const host = await home.start();
    const second = await home.run(service);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`pid ${host.pid}`);
    expect(second.stderr).toContain('npm run chat');
  });

  it('reports every problem of the configuration at once', async () => {
    const env = { TZ: 'Mars/Olympus', WHARFIE_MAX_CONTAINERS: 'many' };
    const { code, stderr } = await home.run(service, { env });
    expect(code).toBe(1);
    expect(stderr).toContain('TZ: expected');
    expect(stderr).toContain('WHARFIE_MAX_CONTAINERS: expected');
    expect(stderr).toContain('start again');
  });

  it('says that data/ cannot be written', async () => {
    writeFileSync(path.join(home.home, 'data'), 'a file where the folder should be');
    const { code, stderr } = await home.run(service);
    expect(code).toBe(1);
    expect(stderr).toContain(path.join(home.home, 'data'));
    expect(stderr).not.toContain('    at ');
  });

  it('refuses an unknown flag', async () => {
    const { code, stderr } = await home.run(['src/index.ts', '--servce']);
    expect(code).toBe(1);
    expect(stderr).toContain('npm start [-- --service]');
  });

  it('says in its chat that a session is damaged, and goes on', async () => {
    await home.run(['src/index.ts'], { input: 'first\n' });
    const sessions = path.join(home.home, 'data', 'v2-sessions');
    const [group = ''] = readdirSync(sessions);
    const [session = ''] = readdirSync(path.join(sessions, group));
    const damaged = path.join(sessions, group, session, 'in', 'inbound.db');
    rmSync(damaged);
    writeFileSync(
      damaged,
      'this is no database, and it is longer than a header of one hundred bytes would be, by far',
    );
    const host = await home.start();
    const chat = await host.chat();
    chat.send('second');
    await chat.hears("can't read this conversation");
    expect(await host.stop()).toBe(0);
  });
});
