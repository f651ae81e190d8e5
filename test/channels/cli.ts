import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ChannelAdapter, ChannelHost, DeliverRequest } from '../../src/channels/adapter.js';
import { type CliClient, connectCli } from '../../src/channels/cli/client.js';
import { CLI_ADDRESS, createCliChannel } from '../../src/channels/cli.js';
import { newId } from '../../src/ids.js';
import { createFakeClock } from '../fakes/clock.js';
import { silentLog } from '../fakes/log.js';
import { type Heard, type Stage, sha256 } from './contract/stage.js';
import type { ChannelFixture } from './contract.js';

const notHere = (what: string) => () => {
  throw new Error(`a terminal has no ${what}: name the case in \`cannot\``);
};

/** The terminal channel with one client connected to its socket. */
async function openCli(): Promise<Stage> {
  const dir = mkdtempSync(path.join(tmpdir(), 'cli-'));
  const socketPath = path.join(dir, 'cli.sock');
  const clock = createFakeClock();
  const heard: Heard[] = [];
  let typed = 0;
  let onTyping = () => {};
  let client: CliClient | null = null;
  let delivering: DeliverRequest | null = null;
  const channel = createCliChannel({
    socketPath,
    filesDir: path.join(dir, 'files'),
    clock,
    log: silentLog,
    welcome: () => ['welcome'],
    settled: async () => 'done',
  });

  async function connect(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      connectCli(socketPath, (message) => {
        if (message.type === 'welcome') resolve();
        if (message.type === 'typing') {
          typed += 1;
          onTyping();
        }
        if (message.type !== 'say') return;
        heard.push(heardOf(delivering?.idempotencyKey ?? message.id, message.text));
        client?.send({ type: 'ack', id: message.id });
      }).then((connected) => {
        client = connected;
        connected.send({ type: 'hello', piped: false });
      }, reject);
    });
  }

  const adapter: ChannelAdapter = {
    ...channel,
    async start(host: ChannelHost) {
      await channel.start(host);
      await connect();
    },
    deliver(request) {
      delivering = request;
      return channel.deliver(request);
    },
    async setTyping(to) {
      const shown = new Promise<void>((resolve) => {
        onTyping = resolve;
      });
      await channel.setTyping(to);
      await shown;
    },
  };
  return {
    adapter,
    again: notHere('second adapter'),
    clock,
    longestSaid: 4096,
    group: null,
    direct: CLI_ADDRESS,
    thread: notHere('threads'),
    say(_, text) {
      const id = newId('in');
      client?.send({ type: 'line', id, text });
      return id;
    },
    calls: () => [],
    heard: () => heard,
    react: notHere('reactions of people'),
    click: notHere('buttons'),
    fault: notHere('platform that fails'),
    typing: () => typed,
    breakConnection: notHere('connection of ours'),
    revokeToken: notHere('token'),
    restoreToken: notHere('token'),
    goDown: notHere('platform that can be away'),
    comeUp: notHere('platform that can be away'),
    close: async () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** A line of the terminal; files are named with the place where they lie. */
function heardOf(id: string, line: string): Heard {
  const files = [...line.matchAll(/^\[file\] (.+?): (.+)$/gm)];
  return {
    id,
    text: line.replace(/\n?^\[file\] .*$/gm, ''),
    files: files.map(([, name = '', place = '']) => ({ name, sha256: sha256(readFileSync(place)) })),
    replyTo: null,
    reactions: [],
    buttons: [],
  };
}

const ONE_CHAT = 'there is one chat with one person';
const LINE = 'a line of text is all that can be typed';
const LOCAL = 'the socket is on this machine: there is no platform between';
const NO_WAY_BACK = 'what stands in a terminal cannot be changed';

export const cliFixture: ChannelFixture = {
  channelType: 'cli',
  open: openCli,
  cannot: {
    'words that a message answers come with it, as those of who wrote them': LINE,
    'a marked part of a message comes as a part': LINE,
    'forwarded words are those of their origin, not of who passes them on': ONE_CHAT,
    'what a thread began with can be fetched, with who wrote it': ONE_CHAT,
    'the parts of an album name the same album': LINE,
    'a sticker is named': LINE,
    'a poll is told with its question and options': LINE,
    'a place is told with its name and coordinates': LINE,
    'a contact is told with name and number': LINE,
    'the answer to a form is its words': LINE,
    'words in blocks, cards or embeds are words': LINE,
    'a service message is for nobody': 'nothing comes but what is typed',
    'an edit has the new words and names the message': NO_WAY_BACK,
    'an update that changes no word changes no word': NO_WAY_BACK,
    'a deletion names the message': NO_WAY_BACK,
    'a chat that is renamed has its new name': ONE_CHAT,
    'a chat that moves is told with both ids': ONE_CHAT,
    'a command for another bot is for nobody': ONE_CHAT,
    'an anonymous admin is the chat, and no bot': ONE_CHAT,
    'a mention that nobody sees calls nobody': ONE_CHAT,
    'ids in words are names': 'it has no ids: what is typed is what is read',
    'a command or an answer behind a mention is understood': ONE_CHAT,
    'the same event twice has the same id, so that it is one message': 'what is typed twice is said twice',
    'events out of order are taken in, each with its own id and time':
      'lines come in the order in which they are typed',
    'two bots in one chat stop after six turns, until a person speaks': ONE_CHAT,
    'a click tells who clicked, by the same id as what they say': 'the options of a question are typed',
    'what strangers write is not parsed, and the owner is answered among it': ONE_CHAT,
    'a message in a group': ONE_CHAT,
    'a mention': ONE_CHAT,
    'a reply to the bot counts as a mention': ONE_CHAT,
    'a message in a thread': ONE_CHAT,
    'a file comes with equal bytes': LINE,
    'a reaction of a person': NO_WAY_BACK,
    'a click gives the value of the button': 'the options of a question are typed',
    'other bots are told from people, and the own words are not heard': ONE_CHAT,
    'an event that could not be made durable comes again, in its order':
      'the person is told, and types it again',
    'a chat that cannot be taken in holds up no other': ONE_CHAT,
    'a reply names what it answers': ONE_CHAT,
    'a reply in a thread stays in it': ONE_CHAT,
    'an edit changes the message': NO_WAY_BACK,
    'a reaction is put under the message': NO_WAY_BACK,
    'markup that the platform refuses is said plainly': 'a terminal refuses nothing',
    'a rate limit tells how long to wait': LOCAL,
    'an outage is transient, and over when it is over': LOCAL,
    'a refusal is permanent, and says what to do': LOCAL,
    'a connection cut in the middle of a send is settled without saying it twice': LOCAL,
    'a deadline ends a send whose outcome is then unknown':
      'a line that no terminal acknowledged is shown again',
    'missing credentials are named, and nothing is thrown by the registry': 'it needs none',
    'a platform that is down at the start is tried again': LOCAL,
    'a revoked token shows, and a new one heals it': 'it has none',
    'what could not be read is taken in anew once it can be': LOCAL,
    'a message that cannot be read keeps out none of the others': LOCAL,
    'a message in the history that cannot be read keeps out none of the others': LOCAL,
    'what was said while the host was away is read once, in order, before what comes now': LOCAL,
    'a broken connection comes back by itself, with what was missed': 'the person opens it again',
    'what strangers wrote while the host was away is not parsed, and comes in its order': ONE_CHAT,
    'history and a chat can be asked for': 'its history is the screen',
  },
};
