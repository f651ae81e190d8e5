import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { pathsOf } from '../../../src/config.js';
import { type ContainerRunnerDeps, createContainerRunner } from '../../../src/container-runner.js';
import type { CredentialError, CredentialProvider, EgressGateway } from '../../../src/credentials/types.js';
import { createAgentGroup } from '../../../src/db/central/agent-groups.js';
import { openCentralDb } from '../../../src/db/central/index.js';
import { ensureSession } from '../../../src/db/central/sessions.js';
import type { StoredSender } from '../../../src/db/content.js';
import { personBehind } from '../../../src/db/inbound/behind.js';
import { settleMessage } from '../../../src/db/inbound/message-status.js';
import { insertMessage, openMessages } from '../../../src/db/inbound/messages-in.js';
import { type AgentGroup, type AgentProvider, containerConfigSchema } from '../../../src/db/types.js';
import {
  createFakeEngine,
  createFakeMachine,
  type FakeMachine,
  type FakeProgram,
} from '../../../src/engine/fake/index.js';
import { engineName } from '../../../src/engine/names.js';
import { createSessionManager } from '../../../src/session-manager.js';
import { createFakeClock } from '../../fakes/clock.js';

export const chat = { channelType: 'cli', platformId: 'cli:local', threadId: '' };

/** Lets everything that is ready happen, including the group commits of the session manager. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** Where the machine's state lives: give it to a second world to play a host that was started again. */
export function createPlace() {
  const home = mkdtempSync(path.join(tmpdir(), 'wharfie-runner-'));
  const central = openCentralDb(path.join(home, 'v2.db'));
  onTestFinished(() => {
    central.close();
    rmSync(home, { recursive: true, force: true });
  });
  return { home, central, clock: createFakeClock(), machine: createFakeMachine() };
}

export interface WorldOptions {
  /** Where doors lie. */
  runRoot?: string;
  place?: ReturnType<typeof createPlace>;
  capacity?: number;
  provider?: AgentProvider;
  program?: FakeProgram;
  machine?: FakeMachine;
  extra?: Partial<ContainerRunnerDeps>;
}

/** A container runner over real databases, a fake engine, and credentials and a gateway that write down their calls. */
export function createWorld(options: WorldOptions = {}) {
  const place = options.place ?? createPlace();
  const { central, clock, home } = place;
  const calls: string[] = [];
  const exits: { sessionId: string; incarnation: number; reason: string | null; exitCode: number | null }[] =
    [];
  const rings: string[] = [];
  /** Sessions whose inbound.db was read and not let go since. */
  const opened = new Set<string>();
  const blocked: { sessionId: string; code: string }[] = [];
  const engine = createFakeEngine({
    clock,
    machine: options.machine ?? place.machine,
    ...(options.program ? { program: options.program } : {}),
  });
  const manager = createSessionManager({
    db: central,
    paths: pathsOf(home),
    clock,
    log: pino({ level: 'silent' }),
    onStuck: () => {},
  });
  onTestFinished(() => manager.close());
  const sessions = {
    ...manager,
    prepareMounts(...input: Parameters<typeof manager.prepareMounts>) {
      calls.push('prepareMounts');
      manager.prepareMounts(...input);
    },
    read: <T>(sessionId: string, query: Parameters<typeof manager.read<T>>[1]): T => {
      opened.add(sessionId);
      return manager.read(sessionId, query);
    },
    release(sessionId: string) {
      opened.delete(sessionId);
      manager.release(sessionId);
    },
  };
  let missing: CredentialError | null = null;
  let door = async () => {};
  const credentials: CredentialProvider = {
    kind: 'static',
    missing: () => missing,
    ensureAgent: async () => void calls.push('ensureAgent'),
    async applyContainerConfig(spec) {
      calls.push('applyContainerConfig');
      return { ...spec, env: { ...spec.env, PLACEHOLDER: 'yes' } };
    },
    modelUpstream: () => Promise.reject(new Error('not asked here')),
    proxyFor: async () => null,
    onRefused: () => undefined,
  };
  const gateway: EgressGateway = {
    async open({ sessionId }) {
      calls.push(`open ${sessionId}`);
      await door();
      return { runDir: path.join(home, options.runRoot ?? 'run', sessionId) };
    },
    close: async (sessionId) => void calls.push(`close ${sessionId}`),
    stop: async () => {},
  };
  const runner = createContainerRunner({
    clock,
    log: pino({ level: 'silent' }),
    random: () => 1,
    crashPoint: () => {},
    central,
    capacity: options.capacity ?? 2,
    sessions,
    engines: { claude: engine, mock: engine },
    credentials,
    gateway,
    nameOf: (sessionId) => engineName('test', sessionId),
    defaults: { image: 'wharfie-agent:test', timeZone: 'Europe/Berlin' },
    ownerFor: async () => null,
    ...options.extra,
  });
  runner.onRing((sessionId) => rings.push(sessionId));
  runner.onExit(async (sessionId, report, incarnation, reason) => {
    exits.push({ sessionId, incarnation, reason, exitCode: report.exitCode });
  });
  runner.onBlocked((sessionId, { code }) => blocked.push({ sessionId, code }));

  const add = (
    provider: AgentProvider = options.provider ?? 'mock',
    name = `g${groupCount(central)}`,
    isAdmin = false,
  ) => {
    const agentGroup: AgentGroup = {
      id: `ag_${name}`,
      name,
      folder: name,
      place: 'data',
      isAdmin,
      agentProvider: provider,
      containerConfig: containerConfigSchema.parse({}),
      createdAt: clock.now(),
    };
    createAgentGroup(central, agentGroup);
    const key = { agentGroupId: agentGroup.id, messagingGroupId: null, threadId: '' };
    const session = ensureSession(central, key, clock.now());
    // Makes the folder and its files.
    manager.prepareMounts(session, null);
    return session.id;
  };
  /** A message of a person, committed and not yet told to anybody. */
  const say = async (
    sessionId: string,
    after: number | null = null,
    role: StoredSender['role'] = 'member',
  ): Promise<string> => {
    const { id } = await manager.write(sessionId, (db) =>
      insertMessage(db, {
        kind: 'system',
        trigger: 1,
        address: chat,
        createdAt: clock.now(),
        processAfter: after,
        behind: personBehind({ id: `user:${role}`, role }),
        content: { type: 'new_conversation' },
      }),
    );
    return id;
  };
  /** Ends all open messages, as delivery does when it has read the acks. */
  const answer = (sessionId: string) =>
    manager.write(sessionId, (db) => {
      for (const { id } of openMessages(db, clock.now())) settleMessage(db, id, 'done');
    });
  return {
    ...place,
    calls,
    exits,
    rings,
    opened,
    blocked,
    engine,
    sessions,
    runner,
    add,
    say,
    answer,
    /** What happens when an egress door is opened. */
    setDoor: (next: () => Promise<void>) => {
      door = next;
    },
    setMissing: (error: CredentialError | null) => {
      missing = error;
    },
    container: (sessionId: string) => engine.container(engineName('test', sessionId)),
  };
}

function groupCount(central: ReturnType<typeof openCentralDb>): number {
  return central.prepare<[], number>('SELECT count(*) FROM agent_groups').pluck().get() ?? 0;
}
