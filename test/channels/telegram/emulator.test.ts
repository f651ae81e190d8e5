import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createSocket } from 'node:net';
import { TelegramServer } from 'telegram-test-api/lib/telegramServer.js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { telegram } from '../../../src/channels/telegram.js';
import { createFakeClock } from '../../fakes/clock.js';
import { noWebhooks } from '../../fakes/webhooks.js';
import { type Adapters, createAdapters } from '../contract/adapters.js';
import { createRecordingHost, requestOf, textPart } from '../contract/stage.js';

/**
 * The channel against a Bot API that none of us wrote. It answers `getUpdates` at once, also where there is nothing:
 * the proxy before it waits as Telegram does. All answers are the emulator's own.
 */
const TOKEN = '7000000001:emulated-token-000000000000000000000';

let emulator: TelegramServer;
let proxy: Server;
let adapters: Adapters;

async function freePort(): Promise<number> {
  const socket = createSocket();
  await new Promise<void>((resolve) => socket.listen(0, '127.0.0.1', resolve));
  const { port } = socket.address() as AddressInfo;
  await new Promise((resolve) => socket.close(resolve));
  return port;
}

/** Passes a request on; an empty answer of `getUpdates` waits for the next message, or for who asked to go. */
function waiting(origin: string): Server {
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const body = Buffer.concat(chunks);
      const ask = async () => {
        const headers = { 'content-type': request.headers['content-type'] ?? 'application/json' };
        const answer = await fetch(`${origin}${request.url}`, { method: 'POST', headers, body });
        return { status: answer.status, text: await answer.text() };
      };
      const said = emulator.waitUserMessage();
      let answer = await ask();
      const isPoll = request.url?.endsWith('/getUpdates') && !body.toString().includes('"timeout":0');
      if (isPoll && answer.text.includes('"result":[]')) {
        await Promise.race([said, new Promise((resolve) => response.on('close', resolve))]);
        if (response.destroyed) return;
        answer = await ask();
      }
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.text);
    });
  });
}

beforeEach(async () => {
  emulator = new TelegramServer({ port: await freePort(), host: '127.0.0.1' });
  await emulator.start();
  proxy = waiting(emulator.config.apiURL);
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  adapters = createAdapters(telegram, {
    clock: createFakeClock(),
    webhooks: noWebhooks,
    env: () => ({ TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_API_URL: `http://127.0.0.1:${port}` }),
  });
});
afterEach(async () => {
  await adapters.adapter.stop();
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
  await emulator.stop();
  adapters.removeState();
});

test('an independent Bot API: what a person says comes in, and the answer goes out', async () => {
  const host = createRecordingHost();
  await adapters.adapter.start(host);
  expect(adapters.adapter.health()).toEqual({ state: 'connected' });
  const ada = emulator.getClient(TOKEN, { userId: 77, chatId: 77, firstName: 'Ada', timeout: 20_000 });
  await ada.sendMessage(ada.makeMessage('what is the time?'));
  const event = await host.heard('what is the time?');
  expect(event).toMatchObject({
    kind: 'message',
    platformId: 'telegram:77',
    threadId: '',
    isGroup: false,
    sender: { id: 'telegram:77', isBot: false, self: false },
    text: 'what is the time?',
  });
  const to = { channelType: 'telegram', platformId: event.platformId, threadId: '' };
  const said = await adapters.adapter.deliver(requestOf(to, textPart('It is **noon**.', event.messageId)));
  const { result } = await ada.getUpdates();
  expect(result).toHaveLength(1);
  expect(result[0]?.message).toMatchObject({
    chat_id: '77',
    text: 'It is <b>noon</b>.',
    parse_mode: 'HTML',
    reply_parameters: { message_id: Number(event.messageId.split(':')[1]) },
  });
  expect(said.messageIds).toEqual([`77:${result[0]?.messageId}`]);
});

test('an independent Bot API: a group, a command for another bot, and an edit of what was said', async () => {
  const host = createRecordingHost();
  await adapters.adapter.start(host);
  const ada = emulator.getClient(TOKEN, {
    userId: 77,
    chatId: -100_5,
    chatTitle: 'Team',
    type: 'supergroup',
  });
  await ada.sendCommand(ada.makeCommand('/new@other_bot'));
  await ada.sendMessage(ada.makeMessage('@TestNameBot hello'));
  const event = await host.heard('hello');
  expect(event).toMatchObject({
    platformId: 'telegram:-1005',
    chatName: 'Team',
    isGroup: true,
    mentioned: true,
  });
  expect(host.events.map(({ kind }) => kind)).toEqual(['service', 'message']);
  const to = { channelType: 'telegram', platformId: event.platformId, threadId: '' };
  const said = await adapters.adapter.deliver(requestOf(to, textPart('one')));
  const edited = emulator.waitBotEdits();
  const messageId = said.messageIds[0] ?? '';
  await adapters.adapter.deliver(requestOf(to, { type: 'edit', messageId, text: 'two' }));
  await edited;
  expect(emulator.storage.botMessages.map(({ message }) => message.text)).toEqual(['two']);
});
