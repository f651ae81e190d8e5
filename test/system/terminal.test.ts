import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createInstallation, type Installation } from './host-process.js';

let home: Installation;

beforeEach(() => {
  home = createInstallation({ WHARFIE_DOCKER_SOCKET: '/nonexistent/docker.sock' });
});
afterEach(() => home.remove());

describe('npm start on a bare machine', () => {
  it('answers piped input, says what is not real, and ends with 0', async () => {
    const { code, stdout } = await home.run(['src/index.ts'], { input: 'hello\n' });
    expect(stdout).toContain('It is a mock that repeats what you say.');
    expect(stdout).toContain('./wharfie');
    expect(stdout).toMatch(/You said: hello\n$/);
    expect(code).toBe(0);
  });

  it('keeps the conversation: a second run finds the same session', async () => {
    await home.run(['src/index.ts'], { input: 'one\n' });
    await home.run(['src/index.ts'], { input: 'two\n' });
    const taken = home.log().filter((line) => line.msg === 'message taken in');
    expect(new Set(taken.map((line) => line.session)).size).toBe(1);
    expect(taken).toHaveLength(2);
  });

  it('becomes the chat of a host that runs already', async () => {
    const host = await home.start();
    const { code, stdout } = await home.run(['src/index.ts'], { input: 'from the second\n' });
    expect(stdout).toContain('You said: from the second');
    expect(code).toBe(0);
    expect(await host.stop()).toBe(0);
  });

  it('opens the same chat with npm run chat, and says so where no host runs', async () => {
    const alone = await home.run(['scripts/chat.ts'], { input: 'x\n' });
    expect(alone).toMatchObject({ code: 1, stderr: expect.stringContaining('npm start') });
    await home.start();
    const { code, stdout } = await home.run(['scripts/chat.ts'], { input: 'hello there\n' });
    expect(stdout).toContain('You said: hello there');
    expect(code).toBe(0);
  });
});
