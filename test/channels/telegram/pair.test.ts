import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { createFakeTelegram, type FakeTelegram } from '../../fakes/telegram.js';
import { eventually } from '../../system/eventually.js';
import { createInstallation, type HostProcess, type Installation } from '../../system/host-process.js';
import { createCheckout } from '../checkout.js';

const { root, remove } = createCheckout(['telegram']);
afterAll(remove);

let home: Installation;
let fake: FakeTelegram;
let host: HostProcess;
beforeEach(async () => {
  fake = await createFakeTelegram();
  home = createInstallation(
    {
      WHARFIE_DOCKER_SOCKET: '/nonexistent/docker.sock',
      TELEGRAM_BOT_TOKEN: fake.token,
      TELEGRAM_API_URL: fake.http.origin(),
    },
    { root },
  );
  host = await home.start();
}, 120_000);
afterEach(async () => {
  await host.stop();
  await home.remove();
  await fake.http.close();
});

/** One field of a block. */
const field = (block: string, name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';

const pair = async (...flags: string[]) => (await home.step('pair', ...flags)).stdout;
const main = ['--channel', 'telegram', '--folder', 'main', '--name', 'Ada', '--is-main', '--wait', '0'];

test('a code by a link pairs: what was written before is taken in, and its sender owns the main chat', async () => {
  fake.say(fake.world.direct, 'hello?');
  const made = await pair(...main);
  const code = field(made, 'CODE');
  expect(field(made, 'SEND')).toContain(`"@wharfie_bot ${code}"`);
  expect(field(made, 'SEND_LINK')).toBe(`https://t.me/wharfie_bot?start=${code}`);
  expect(field(made, 'SEND_LINK_GROUP')).toBe(`https://t.me/wharfie_bot?startgroup=${code}`);
  await eventually(() => home.log().some((line) => String(line.msg).startsWith('MESSAGE DROPPED')));
  // What a tap on the link sends.
  const tapped = fake.say(fake.world.direct, `/start ${code}`);
  tapped.entities = [{ type: 'bot_command', offset: 0, length: 6 }];
  const paired = await pair('--status', field(made, 'PAIRING'), '--wait', '60');
  expect(paired).toContain('RESULT: paired');
  expect([field(paired, 'ROLE'), field(paired, 'REPLAYED'), field(paired, 'TRIGGER')]).toEqual([
    'owner',
    '1',
    'none',
  ]);
  await eventually(() => home.log().filter((line) => line.msg === 'message taken in').length === 1);
  const moved = await pair(...main.map((one) => (one === 'main' ? 'second' : one)));
  expect(moved).toContain('STATUS: needs_input');
  expect(field(moved, 'MAIN_BEFORE')).toBe('main');
}, 120_000);
