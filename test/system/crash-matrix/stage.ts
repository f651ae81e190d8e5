import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { normalizePlatformId } from '../../../src/channels/catalog.js';
import { systemClock } from '../../../src/clock.js';
import { getAgentGroupByFolder, updateAgentGroup } from '../../../src/db/agent-groups.js';
import { type CentralDb, openCentralDb } from '../../../src/db/central.js';
import type { AgentProvider } from '../../../src/db/types.js';
import { createRegistration } from '../../../src/registration.js';
import { createFakeDiscord, type FakeChannel, type FakeDiscord } from '../../fakes/discord.js';
import { eventually } from '../eventually.js';
import { createInstallation, type HostProcess, type Installation } from '../host-process.js';
import { discordPlace, type Place, type Terminal, terminalPlace } from './places.js';
import { type Ledgers, readLedgers } from './session-files.js';
import { addTallies, type Tally } from './tally.js';

/** One installation, a Discord of its own with some chats wired to the mock, and the terminal. */
export interface Stage {
  home: Installation;
  discord: FakeDiscord;
  chats: Place[];
  terminal: Terminal;
  /** Opens a thread in the first chat. */
  thread(name: string): Place;
  /** Resolves when both channels are connected, or the host has died at its crash point before. */
  start(env?: Record<string, string>): Promise<HostProcess>;
  /** The same for a host that was launched. */
  join(host: HostProcess): Promise<HostProcess>;
  /** A second agent for the first chat. */
  alsoWire(folder: string): void;
  /** Who answers in the chats of that agent group (`general`, `chat-1`, …) from the next start on. */
  useProvider(folder: string, provider: AgentProvider): void;
  /** Waits until nothing is left to do and everything asked has come to its end; gives up silently: the tally tells. */
  settled(): Promise<void>;
  tally(): Tally & Ledgers;
  close(): Promise<void>;
}

export interface StageOptions {
  /** Discord chats. */
  chats?: number;
  env?: Record<string, string>;
}

/** Machines that run tests are slow at times; what takes this long has failed. */
const LONGEST_WORK_MS = 60_000;

export async function createStage({ chats = 2, env = {} }: StageOptions = {}): Promise<Stage> {
  const discord = await createFakeDiscord();
  const channels = Array.from({ length: chats }, (_, index) => addChannel(discord, index));
  const home = createInstallation({
    // Without a chat in it Discord is not even configured.
    ...(chats > 0 ? { DISCORD_BOT_TOKEN: discord.token, DISCORD_API_URL: discord.apiUrl } : {}),
    WHARFIE_DOCKER_SOCKET: '/nonexistent/docker.sock',
    WHARFIE_MAX_CONTAINERS: '6',
    ...env,
  });
  const withCentral = (use: (db: CentralDb) => void) => {
    mkdirSync(path.join(home.home, 'data'), { recursive: true });
    const db = openCentralDb(path.join(home.home, 'data', 'v2.db'));
    use(db);
    db.close();
  };
  const wire = (channel: FakeChannel, folder: string) =>
    withCentral((db) => {
      register(db, channel, folder);
      useProvider(db, folder, 'mock');
    });
  for (const channel of channels) wire(channel, channel.name ?? '');
  const terminal = terminalPlace();
  const places = channels.map((channel) => discordPlace(discord, channel));
  const join = async (host: HostProcess) => {
    const sessions = discord.gateway.identified;
    let gone = false;
    void host.exited.then(() => (gone = true));
    await host.ready;
    await eventually(() => chats === 0 || gone || discord.gateway.identified > sessions);
    await terminal.open(host).catch(() => {});
    return host;
  };

  const added: Place[] = [];
  const all = () => [...places, ...added, terminal];
  const tallyAll = () => addTallies(all().map((place) => place.tally()));

  return {
    home,
    discord,
    chats: places,
    terminal,
    thread(name) {
      const place = discordPlace(discord, discord.thread(discord.world.general, name));
      added.push(place);
      return place;
    },
    start: (more) => join(home.launch(more)),
    join,
    alsoWire: (folder) => wire(discord.world.general, folder),
    useProvider: (folder, provider) => withCentral((db) => useProvider(db, folder, provider)),
    async settled() {
      const done = () => {
        const { open, unknown } = readLedgers(home.home);
        return open === 0 && (tallyAll().lost === 0 || unknown > 0);
      };
      await eventually(done, 'the end of all work', LONGEST_WORK_MS).catch(() => {});
    },
    tally: () => ({ ...tallyAll(), ...readLedgers(home.home) }),
    async close() {
      await home.remove();
      await discord.close();
    },
  };
}

function addChannel({ world }: FakeDiscord, index: number): FakeChannel {
  if (index === 0) return world.general;
  const channel: FakeChannel = {
    id: world.nextId(),
    type: 0,
    name: `chat-${index}`,
    guild_id: world.guildId,
  };
  world.channels.set(channel.id, channel);
  return channel;
}

/** Wires a chat to an agent group of that folder; `hey` calls every agent there, and one answers everything else. */
function register(db: CentralDb, channel: FakeChannel, folder: string): void {
  const clock = systemClock;
  const registration = createRegistration({ db, clock, normalizePlatformId, assistantName: 'Andy' });
  const { id, guild_id, name = '' } = channel;
  const platformId = `discord:${guild_id}:${id}`;
  const rules = { isGroup: true, trigger: 'hey', requiresTrigger: false };
  registration.register({ channelType: 'discord', platformId, name, folder, ...rules });
}

/** A platform chat cannot be registered with the mock, and no setting changes that: here the row is changed afterwards. */
function useProvider(db: CentralDb, folder: string, agentProvider: AgentProvider): void {
  const agentGroup = getAgentGroupByFolder(db, folder);
  if (!agentGroup) throw new Error(`no agent group ${folder}`);
  updateAgentGroup(db, { ...agentGroup, agentProvider });
}
