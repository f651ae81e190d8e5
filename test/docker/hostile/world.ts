import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, inject } from 'vitest';
import { CLI_ADDRESS, CLI_OWNER_ID } from '../../../src/channels/cli.js';
import { systemClock } from '../../../src/clock.js';
import { installationIdOf } from '../../../src/config.js';
import { updateAgentGroup } from '../../../src/db/central/agent-groups.js';
import { listAudit } from '../../../src/db/central/audit.js';
import { openCentralDb } from '../../../src/db/central/index.js';
import type { ContainerConfig } from '../../../src/db/types.js';
import { INSTALLATION } from '../../../src/engine/docker/labels.js';
import { newId } from '../../../src/ids.js';
import { createRegistration, type RegistrationRequest } from '../../../src/people/registration/index.js';
import { createMessagesApi } from '../../fakes/messages-api.js';
import { eventually } from '../../system/eventually.js';
import { createInstallation } from '../../system/host-process.js';
import { dockerClients, engineSocket } from '../world.js';
import { createCanary, SECRET } from './canary.js';
import { buildHostileImage } from './image.js';
import { createTable } from './table.js';

export const KEY = 'sk-ant-key-of-the-host-that-nobody-may-see';
const LONGEST_MS = 50_000;

/** An attacker: runs code inside its container and gives what the code returned. */
export interface Attacker {
  name: string;
  runs<T>(code: string): Promise<T>;
  /** Sends the code and waits for nothing. */
  begins(code: string): void;
  /** Absolute paths of its session on the host, once it has one. */
  folder(): string;
  sessionId(): string;
}

export type HostileWorld = Awaited<ReturnType<typeof createHostileWorld>>;

/**
 * The real host as a process with one terminal chat and an agent group for each name in `agents`, plus `bystander`, all
 * of them in containers of the hostile image. The bystander is asked after each case.
 */
export async function createHostileWorld(options: {
  agents: Record<string, Partial<ContainerConfig>>;
  /** The real agent image instead: the model then answers `heard <word>` to what holds a `ping-<number>`. */
  real?: boolean;
  /** More lines of `.env`. */
  dotenv?: Record<string, string>;
  /** More of the host's environment. */
  env?: Record<string, string>;
  /** Wires further chats, after the agent groups are there. */
  wire?(register: (request: RegistrationRequest) => void): void;
}) {
  const api = await createMessagesApi(({ lastUser }) => `heard ${/ping-\d+/.exec(lastUser)?.[0]}`);
  const home = createInstallation({
    ANTHROPIC_API_KEY: KEY,
    ANTHROPIC_BASE_URL: api.url,
    WHARFIE_DOCKER_SOCKET: engineSocket(),
    WHARFIE_IMAGE: options.real ? inject('agentImage') : await buildHostileImage(inject('agentImage')),
    WHARFIE_MAX_CONTAINERS: '8',
    ...options.dotenv,
  });
  const agents = { bystander: {}, ...options.agents };
  register(home.home, agents, options.wire);
  const groups = path.join(home.home, 'data', 'groups');
  for (const name of Object.keys(agents)) mkdirSync(path.join(groups, name), { recursive: true });
  const host = await home.start(options.env);
  const chat = await host.chat();
  const table = createTable();

  const answerTo = async (id: string, longestMs = LONGEST_MS): Promise<string> =>
    eventually(
      () => chat.said.find((text) => text.startsWith(`${id} `))?.slice(id.length + 1) ?? false,
      `an answer to ${id}`,
      longestMs,
    );
  const send = (name: string, code: string): string => {
    const id = newId('in');
    chat.send(`@${name} ${JSON.stringify({ id, code })}`);
    return id;
  };
  const agent = (name: string): Attacker => {
    const sessions = () => path.join(home.home, 'data', 'v2-sessions', groupIds[name] ?? '');
    const sessionId = () => readdirSync(sessions())[0] ?? '';
    return {
      name,
      async runs<T>(code: string): Promise<T> {
        const answer = JSON.parse(await answerTo(send(name, code)));
        if (answer?.failed) throw new Error(`the attack itself failed: ${answer.failed}`);
        return answer;
      },
      begins: (code) => void send(name, code),
      sessionId,
      folder: () => path.join(sessions(), sessionId()),
    };
  };
  const groupIds = idsOf(home.home);
  const bystander = agent('bystander');
  let asked = 0;
  /** Resolves when the bystander has answered. */
  const isServed = async () => {
    asked += 1;
    if (!options.real) return expect(await bystander.runs(`return ${asked}`)).toBe(asked);
    chat.send(`@bystander ping-${asked}`);
    await chat.hears(`heard ping-${asked}`);
  };
  const close = async () => {
    table.print();
    await host.kill();
    const filters = { label: [`${INSTALLATION}=${installationIdOf(home.home)}`] };
    const { calls } = dockerClients();
    for (const { Id } of await calls.listContainers({ all: true, filters })) {
      await calls.getContainer(Id).remove({ force: true });
    }
    // Node's own way to remove a tree does not get through one that is thousands of folders deep.
    execFileSync('rm', ['-rf', path.join(home.home, 'data', 'v2-sessions')]);
    await home.remove();
    await api.close();
  };
  await isServed().catch(async (error: unknown) => {
    const problems = home.log().filter(({ level }) => Number(level) >= 40);
    await close();
    throw new Error(`the world does not stand: ${JSON.stringify(problems.slice(-5))}`, { cause: error });
  });
  const canary = createCanary(home.home);
  const before = canary.look();

  return {
    api,
    home,
    host,
    chat,
    canary: canary.folder,
    agent,
    bystander,
    isServed,
    containers: (sessionId: string) =>
      dockerClients().calls.listContainers({ filters: { label: [`wharfie.session=${sessionId}`] } }),
    logged: (event: string) => home.log().filter((line) => line.msg === event),
    audit: () => withDb(home.home, (db) => listAudit(db, 1000)),
    rssMb: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${host.pid}/status`, 'utf8'))?.[1]) / 1024,
    /** Runs one case, then looks at what has to be true after each: nothing outside changed, the others are served. */
    async tries(what: string, attack: () => Promise<string>): Promise<void> {
      const got = await attack();
      await isServed();
      expect(canary.look()).toBe(before);
      const seen = [chat.said.join('\n'), ...api.seen.map(({ body }) => body)].join('\n');
      expect(seen).not.toContain(SECRET);
      expect(seen).not.toContain(KEY);
      expect(existsSync(`/proc/${host.pid}`)).toBe(true);
      table.add(what, got);
    },
    close,
  };
}

function withDb<T>(home: string, use: (db: ReturnType<typeof openCentralDb>) => T): T {
  const db = openCentralDb(path.join(home, 'data', 'v2.db'));
  try {
    return use(db);
  } finally {
    db.close();
  }
}

function idsOf(home: string): Record<string, string> {
  const rows = withDb(home, (db) =>
    db.prepare<[], { folder: string; id: string }>('SELECT folder, id FROM agent_groups').all(),
  );
  return Object.fromEntries(rows.map(({ folder, id }) => [folder, id]));
}

function register(
  home: string,
  agents: Record<string, Partial<ContainerConfig>>,
  wire?: (register: (request: RegistrationRequest) => void) => void,
): void {
  mkdirSync(path.join(home, 'data'), { recursive: true });
  withDb(home, (db) => {
    const registration = createRegistration({
      db,
      clock: systemClock,
      normalizePlatformId: (_type, raw) => raw,
      assistantName: 'Andy',
    });
    for (const [name, config] of Object.entries(agents)) {
      const { agentGroup } = registration.register({
        ...{ channelType: CLI_ADDRESS.channelType, platformId: CLI_ADDRESS.platformId },
        ...{ name, folder: name, trigger: `@${name}`, requiresTrigger: true, isGroup: false },
        ...{ provider: 'claude', adminUserId: CLI_OWNER_ID, ownerIfNone: true },
      });
      updateAgentGroup(db, { ...agentGroup, containerConfig: { ...agentGroup.containerConfig, ...config } });
    }
    wire?.((request) => void registration.register(request));
  });
}
