import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../system/eventually.js';
import { createInstallation } from '../system/host-process.js';

const HANG = "process.on('SIGUSR2', () => { for (;;); });";

test('a host that stands still is ended after 30 s and started again, and answers; its longest stop is in the status', async () => {
  const home = createInstallation();
  onTestFinished(() => home.remove());
  const hanging = await home.start({
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(HANG)}`,
    // Whatever runs this test is not what manages that host.
    ...{ INVOCATION_ID: '', SYSTEMD_EXEC_PID: '' },
  });
  const about = await home.step('status');
  expect(about.stdout).toMatch(/LONGEST_STOP_MS: \d+/);
  process.kill(hanging.pid, 'SIGUSR2');
  await hanging.exited;
  const [last] = home.log().filter(({ level }) => level === 60);
  expect(last).toMatchObject({
    pid: hanging.pid,
    msg: 'the host stood still and is ended; it is started again, once',
  });
  const pid = await eventually(async () => {
    const { stdout } = await home.step('status');
    return /HOST: running/.test(stdout) && Number(/HOST_PID: (\d+)/.exec(stdout)?.[1]);
  }, 'the host that was started again');
  onTestFinished(() => void process.kill(pid, 'SIGKILL'));
  expect(pid).not.toBe(hanging.pid);
  const { stdout } = await home.run(['scripts/built/run.mjs', 'chat'], { input: 'hello\n' });
  expect(stdout).toContain('hello');
});
