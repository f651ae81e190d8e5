import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { counterpartOf, isGroupChat, normalizePlatformId } from '../../../src/channels/catalog/index.js';
import { systemClock } from '../../../src/clock.js';
import { getAgentGroupByFolder, updateAgentGroup } from '../../../src/db/central/agent-groups.js';
import { type CentralDb, openCentralDb } from '../../../src/db/central/index.js';
import type { AgentProvider } from '../../../src/db/types.js';
import { createRegistration } from '../../../src/people/registration/index.js';
import type { RegistrationRequest } from '../../../src/people/registration/request.js';
import { eventually } from '../eventually.js';
import { createInstallation, type HostProcess, type Installation } from '../host-process.js';
import { accepts } from '../platforms/calls.js';
import { createDiscordPlatform, type DiscordPlatform } from '../platforms/discord.js';
import type { Platform, PlatformChat } from '../platforms/types.js';
import { type Place, type Terminal, terminalPlace } from './places.js';
import { type Ledgers, readLedgers } from './session-files.js';
import { addTallies, type Tally } from './tally.js';

/** One installation, a platform of its own whose chats are wired to the mock, and the terminal. */
export interface Stage<P extends Platform = DiscordPlatform> {
  home: Installation;
  platform: P;
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
  /** Registers the first chat again, with these values on top. */
  rewire(changes: Partial<RegistrationRequest>): void;
  /** Who answers in the chats of that agent group (`general`, `chat-1`, …) from the next start on. */
  useProvider(folder: string, provider: AgentProvider): void;
  /** Waits until nothing is left to do and everything asked has come to its end; gives up silently: the tally tells. */
  settled(): Promise<void>;
  tally(): Tally & Ledgers;
  close(): Promise<void>;
}

export interface StageOptions {
  env?: Record<string, string>;
  /** The checkout that hosts run from, where it is not this one. */
  root?: string;
}

/** Machines that run tests are slow at times; what takes this long has failed. */
const LONGEST_WORK_MS = 60_000;

/** A stage whose platform is a Discord with so many chats (default 2). */
export async function createStage(options: StageOptions & { chats?: number } = {}): Promise<Stage> {
  return createStageOn(await createDiscordPlatform(options.chats), options);
}

export function createStageOn<P extends Platform>(platform: P, options: StageOptions = {}): Stage<P> {
  const { env = {}, ...where } = options;
  const { chats } = platform;
  const dotenv = {
    // Without a chat in it the platform is not even configured.
    ...(chats.length > 0 ? platform.env : {}),
    WHARFIE_DOCKER_SOCKET: '/nonexistent/docker.sock',
    WHARFIE_MAX_CONTAINERS: '6',
    ...env,
  };
  const home = createInstallation(dotenv, where);
  const withCentral = (use: (db: CentralDb) => void) => {
    mkdirSync(path.join(home.home, 'data'), { recursive: true });
    const db = openCentralDb(path.join(home.home, 'data', 'v2.db'));
    use(db);
    db.close();
  };
  const wire = (chat: PlatformChat, folder: string, changes: Partial<RegistrationRequest> = {}) =>
    withCentral((db) => {
      if (getAgentGroupByFolder(db, folder)) useProvider(db, folder, 'claude');
      register(db, platform.channelType, chat, { folder, ...changes });
      useProvider(db, folder, 'mock');
    });
  for (const chat of chats) wire(chat, chat.name);
  const terminal = terminalPlace();
  const places = chats.map((chat) => chat.place);
  const join = async (host: HostProcess) => {
    const before = platform.connections();
    let gone = false;
    void host.exited.then(() => (gone = true));
    await host.ready;
    await eventually(() => chats.length === 0 || gone || platform.connections() > before);
    const { port } = platform;
    if (port !== undefined) await eventually(async () => gone || accepts(port), 'the webhook');
    await terminal.open(host).catch(() => {});
    return host;
  };

  const added: Place[] = [];
  const all = () => [...places, ...added, terminal];
  const tallyAll = () => addTallies(all().map((place) => place.tally()));

  return {
    home,
    platform,
    chats: places,
    terminal,
    thread(name) {
      const place = platform.thread(name);
      added.push(place);
      return place;
    },
    start: (more) => join(home.launch(more)),
    join,
    alsoWire(folder) {
      for (const chat of chats.slice(0, 1)) wire(chat, folder);
    },
    rewire(changes) {
      for (const chat of chats.slice(0, 1)) wire(chat, chat.name, changes);
    },
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
      await platform.close();
    },
  };
}

/** Wires a chat to an agent group of that folder; `hey` calls every agent there, and one answers everything else. */
function register(
  db: CentralDb,
  channelType: string,
  { platformId, name, isGroup }: PlatformChat,
  more: Partial<RegistrationRequest> & Pick<RegistrationRequest, 'folder'>,
): void {
  const ids = { normalizePlatformId, isGroupChat, counterpartOf };
  const registration = createRegistration({ db, clock: systemClock, ...ids, assistantName: 'Andy' });
  const rules = { isGroup, trigger: 'hey', requiresTrigger: false };
  registration.register({ channelType, platformId, name, ...rules, ...more });
}

/** A platform chat cannot be registered with the mock, and no setting changes that: here the row is changed afterwards. */
function useProvider(db: CentralDb, folder: string, agentProvider: AgentProvider): void {
  const agentGroup = getAgentGroupByFolder(db, folder);
  if (!agentGroup) throw new Error(`no agent group ${folder}`);
  updateAgentGroup(db, { ...agentGroup, agentProvider });
}
