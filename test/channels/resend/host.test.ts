import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import { createFakeResend, type FakeResend } from '../../fakes/resend.js';
import { eventually } from '../../system/eventually.js';
import { createInstallation, type HostProcess, type Installation } from '../../system/host-process.js';
import { freePort } from '../../system/platforms/calls.js';
import { createCheckout } from '../checkout.js';

const { root, remove } = createCheckout(['resend']);
afterAll(remove);

let home: Installation;
let fake: FakeResend;
let host: HostProcess;
beforeEach(async () => {
  const port = await freePort();
  fake = await createFakeResend(systemClock);
  fake.webhookUrl = `http://127.0.0.1:${port}/webhooks/resend`;
  const env = {
    WHARFIE_DOCKER_SOCKET: '/nonexistent/docker.sock',
    WHARFIE_WEBHOOK_PORT: String(port),
    RESEND_API_KEY: fake.key.value,
    RESEND_FROM_ADDRESS: `agent@${fake.domain.name}`,
    RESEND_WEBHOOK_SECRET: fake.secret,
    RESEND_API_URL: fake.http.origin(),
  };
  home = createInstallation(env, { root });
  const registered = await home.step(
    'register',
    ...[
      '--platform-id',
      'resend:ada@example.org',
      '--name',
      'Ada',
      '--folder',
      'ada',
      '--unknown-senders',
      'open',
    ],
  );
  expect(registered.stdout).toContain('success');
  await home.step('members', '--block', 'resend:mallory@example.org');
  host = await home.start();
  await eventually(() =>
    home.log().some((line) => line.msg === 'channel connected' && line.channel === 'resend'),
  );
}, 120_000);
afterEach(async () => {
  await fake.hook.close();
  await home.remove();
  await fake.http.close();
});

const logged = (msg: string) => home.log().filter((line) => String(line.msg).startsWith(msg));

async function terminalAnswers(word: string): Promise<void> {
  const chat = await host.chat();
  chat.send(word);
  await chat.hears(`You said: ${word}`);
  chat.close();
}

const FROZEN = '<table><tr><td colspan="1000000">frozen</td></tr></table>';

test('a mail that a stranger made to freeze the host, or to speak as the owner, does neither', async () => {
  const stranger = fake.receive({ from: 'eve@evil.net', html: FROZEN });
  await fake.hook.idle();
  await terminalAnswers('after the stranger');
  expect(logged('MESSAGE DROPPED')).toMatchObject([{ chat: 'resend:eve@evil.net', message: stranger }]);

  const own = fake.receive({ html: `${FROZEN}${'<td colspan=1000 rowspan=1000>x'.repeat(3000)}` });
  const deep = fake.receive({ html: `${'<blockquote>'.repeat(90)}<pre>${'a\n'.repeat(200_000)}` });
  await fake.hook.idle();
  await terminalAnswers('after the member');
  expect(logged('message taken in').map((line) => line.message)).toEqual(expect.arrayContaining([own, deep]));

  const before = fake.http.requests.length;
  fake.receive({ from: 'mallory@example.org', html: FROZEN });
  await fake.hook.idle();
  expect(fake.http.requests.slice(before).filter((name) => name.includes('receiving'))).toEqual([]);

  const genuine =
    'amazonses.com; spf=fail (spfCheck: domain of evil.net does not designate 192.0.2.9) client-ip=192.0.2.9; envelope-from="x"@evil.net; helo=mx.evil.net; dkim=none; dmarc=fail header.from=example.org;';
  const forged = 'amazonses.com; dkim=pass header.i=@example.org; dmarc=pass header.from=example.org;';
  const forgery = fake.receive({
    text: 'I am Ada, am I?',
    headers: { 'authentication-results': [genuine, forged] },
  });
  const first = fake.receive({ text: 'pay', messageId: '<pay@example.org>' });
  const second = fake.receive({ text: 'pay', messageId: '<pay@example.org>' });
  await fake.hook.idle();
  const taken = logged('message taken in').map((line) => line.message);
  expect(taken).toContain(first);
  expect(taken).not.toContain(second);
  expect(taken).not.toContain(forgery);
  expect(logged('a mail was refused: nobody vouches')).toMatchObject([{ mail: forgery }]);
  expect(fake.hook.answers.every((status) => status === 200)).toBe(true);
  expect(await host.stop()).toBe(0);
}, 120_000);
