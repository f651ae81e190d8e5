import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type {
  ChannelAdapter,
  DeliverRequest,
  InboundEvent,
  OutboundPart,
} from '../../../../src/channels/adapter.js';
import { connectCli } from '../../../../src/channels/cli/client.js';
import type { HostMessage } from '../../../../src/channels/cli/protocol.js';
import { runTerminal } from '../../../../src/channels/cli/terminal.js';
import { CLI_ADDRESS, createCliChannel, type SettledOutcome } from '../../../../src/channels/cli.js';
import { systemClock } from '../../../../src/clock.js';
import { createLog } from '../../../../src/log/index.js';

const log = createLog({ write: () => {} }, { level: 'silent' });

let dir: string;
let channel: ChannelAdapter;
let received: InboundEvent[];
let onReceive: (event: InboundEvent) => Promise<void>;
let outcome: Promise<SettledOutcome>;
let healthChanges: number;
const socketPath = () => path.join(dir, 'cli.sock');

beforeEach(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'wharfie-cli-'));
  received = [];
  onReceive = async () => {};
  outcome = Promise.resolve('done');
  healthChanges = 0;
  channel = createCliChannel({
    socketPath: socketPath(),
    filesDir: path.join(dir, 'files'),
    clock: systemClock,
    log,
    welcome: () => ['You are talking to a test.'],
    settled: () => outcome,
  });
  await channel.start({
    async receive(event) {
      await onReceive(event);
      received.push(event);
    },
    unread: () => 'set-aside',
    cursors: () => [],
    healthChanged: () => {
      healthChanges += 1;
    },
  });
});

afterEach(async () => {
  await channel.stop();
  rmSync(dir, { recursive: true, force: true });
});

const text = (words: string): OutboundPart => ({ type: 'text', text: words, files: [], replyTo: null });
const request = (part: OutboundPart, signal = new AbortController().signal): DeliverRequest => ({
  to: CLI_ADDRESS,
  part,
  idempotencyKey: 'key-1',
  signal,
});

/** Runs a piped chat over `input` and gathers what it prints. */
function piped(input: string) {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const code = runTerminal({ socketPath: socketPath(), input: stdin, output: stdout, interactive: false });
  stdin.end(input);
  return { code, printed: () => String(stdout.read() ?? '') };
}

describe('the terminal channel', () => {
  it('opens a socket that only its owner may use', () => {
    expect(statSync(socketPath()).mode & 0o777).toBe(0o600);
  });

  it('takes a line in as a direct message of the owner and prints what is said', async () => {
    onReceive = async () => void (await channel.deliver(request(text('hello back'))));
    const chat = piped('hello\n');
    expect(await chat.code).toBe(0);
    expect(received).toMatchObject([
      { ...CLI_ADDRESS, text: 'hello', isGroup: false, sender: { id: 'cli:owner' } },
    ]);
    expect(chat.printed()).toBe('You are talking to a test.\nhello back\n');
  });

  it('says when a line could not be taken in, and fails', async () => {
    onReceive = async () => {
      throw new Error('the disk is full');
    };
    const chat = piped('hello\n');
    expect(await chat.code).toBe(1);
    expect(chat.printed()).toContain('Not taken in: the disk is full');
  });

  it('ends with 2 when the line has to wait', async () => {
    outcome = Promise.resolve('waiting');
    expect(await piped('hello\n').code).toBe(2);
  });

  it('refuses a delivery while nobody is connected, as something that passes', async () => {
    expect(channel.health().state).toBe('connecting');
    await expect(channel.deliver(request(text('x')))).rejects.toMatchObject({ errorClass: 'transient' });
  });

  it('counts a delivery only when the client has shown it', async () => {
    const client = await connectCli(socketPath(), () => {});
    client.send({ type: 'hello', piped: false });
    await vi.waitUntil(() => channel.health().state === 'connected');
    const delivery = channel.deliver(request(text('x')));
    client.close();
    await expect(delivery).rejects.toMatchObject({ code: 'cli-not-connected', errorClass: 'transient' });
    expect(healthChanges).toBe(2);
  });

  it('delivers when one of two clients goes and the other shows it', async () => {
    const said: HostMessage[] = [];
    const leaving = await connectCli(socketPath(), () => {});
    const staying = await connectCli(socketPath(), (message) => said.push(message));
    leaving.send({ type: 'hello', piped: false });
    staying.send({ type: 'hello', piped: false });
    await vi.waitUntil(() => healthChanges === 2);
    const delivery = channel.deliver(request(text('x')));
    leaving.close();
    await vi.waitUntil(() => healthChanges === 3 && said.some((message) => message.type === 'say'));
    const say = said.find((message) => message.type === 'say');
    staying.send({ type: 'ack', id: say?.type === 'say' ? say.id : '' });
    await expect(delivery).resolves.toEqual({ messageIds: ['key-1'] });
    staying.close();
  });

  it('keeps files for the person, under a name that leads nowhere else', async () => {
    onReceive = async () => {
      const files = ['content', 'other content'].map((content) => ({
        ...{ name: '../../evil name', mimeType: 'text/plain' },
        data: Buffer.from(content),
      }));
      await channel.deliver(request({ type: 'text', text: 'here', files, replyTo: null }));
    };
    const chat = piped('hello\n');
    await chat.code;
    const kept = path.join(dir, 'files', 'key-1-1-.._.._evil_name');
    expect(chat.printed()).toContain(kept);
    expect(readFileSync(kept, 'utf8')).toBe('content');
    expect(readFileSync(kept.replace('key-1-1', 'key-1-2'), 'utf8')).toBe('other content');
  });

  it('lets no text drive the terminal', async () => {
    onReceive = async () => void (await channel.deliver(request(text('a\u001b]0;x\u0007b\tc\nd'))));
    const chat = piped('hello\n');
    await chat.code;
    expect(chat.printed()).toContain('a]0;xb\tc\nd');
  });

  it('drops a client that speaks another protocol and serves the others', async () => {
    const broken = await connectCli(socketPath(), () => {});
    broken.send(JSON.parse('{"type":"shutdown"}'));
    await broken.closed;
    expect(await piped('hello\n').code).toBe(0);
  });

  it('takes over a socket that a dead host left, and removes its own', async () => {
    await channel.stop();
    expect(existsSync(socketPath())).toBe(false);
  });
});

it('makes the folder of its socket, which is not always the data folder', async () => {
  const nested = path.join(dir, 'cache', 'wharfie', 'short.sock');
  const other = createCliChannel({
    ...{ socketPath: nested, filesDir: dir, clock: systemClock, log },
    welcome: () => ['Hello.'],
    settled: () => outcome,
  });
  await other.start({
    receive: async () => {},
    unread: () => 'set-aside',
    cursors: () => [],
    healthChanged: () => {},
  });
  expect(statSync(nested).mode & 0o777).toBe(0o600);
  await other.stop();
});
