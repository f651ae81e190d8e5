import type { CredentialProvider, EgressGateway } from '../credentials/types.js';
import type { AgentGroup, AgentProvider, Session } from '../db/types.js';
import type { ContainerEngine, ContainerHandle, Mount } from '../engine/types.js';
import type { SessionDisk } from '../session-manager/disk.js';
import type { SessionManager } from '../session-manager.js';
import { containerSpec, type Owner, type SpecDefaults, sessionMounts } from './spec.js';

export interface LaunchDeps {
  sessions: SessionManager;
  engines: Record<AgentProvider, ContainerEngine>;
  credentials: CredentialProvider;
  gateway: EgressGateway;
  nameOf: (sessionId: string) => string;
  defaults: SpecDefaults;
  /** Who must own on the host what a container of this engine writes; null: the host's own user. */
  ownerFor: (engine: ContainerEngine) => Promise<Owner | null>;
  /** Refuses the start of a session that has used up its space. */
  disk?: Pick<SessionDisk, 'check'>;
  /** Folders of the host that this agent group may see, already checked against the allow-list. */
  extraMounts?: (agentGroup: AgentGroup) => Mount[];
}

/** Builds a container from its parts, in the order that docs/reliability.md and docs/security.md rely on. */
export interface Launcher {
  /** Opens the session's door to the model; nothing for a group that needs none. Resolves with its folder. */
  openDoor(session: Session, agentGroup: AgentGroup): Promise<string | null>;
  /** Puts what has changed of the group's policy in force at a door that is open. */
  refreshDoor(session: Session, agentGroup: AgentGroup): Promise<void>;
  closeDoor(sessionId: string): Promise<void>;
  run(session: Session, agentGroup: AgentGroup, incarnation: number): Promise<ContainerHandle>;
  /** The same mounts, neither door nor credentials: it only opens outbound.db and ends. */
  recover(session: Session, agentGroup: AgentGroup, incarnation: number): Promise<ContainerHandle>;
}

export function createLauncher(deps: LaunchDeps): Launcher {
  /** Open doors, each with the policy in force. */
  const doors = new Map<string, string>();
  const openDoor: Launcher['openDoor'] = async (session, agentGroup) => {
    if (agentGroup.agentProvider !== 'claude') return null;
    doors.set(session.id, policyOf(agentGroup));
    const { egress, serverTools } = agentGroup.containerConfig;
    const { runDir } = await deps.gateway.open({
      sessionId: session.id,
      agent: identityOf(agentGroup),
      egress,
      serverTools,
      owner: await deps.ownerFor(deps.engines[agentGroup.agentProvider]),
    });
    return runDir;
  };
  const prepare = async (session: Session, agentGroup: AgentGroup): Promise<ContainerEngine> => {
    const engine = deps.engines[agentGroup.agentProvider];
    deps.sessions.prepareMounts(session, await deps.ownerFor(engine));
    return engine;
  };
  const mountsOf = (session: Session, agentGroup: AgentGroup): Mount[] => [
    ...sessionMounts(deps.sessions.paths(session)),
    ...(deps.extraMounts?.(agentGroup) ?? []),
  ];
  return {
    openDoor,
    async refreshDoor(session, agentGroup) {
      const known = doors.get(session.id);
      if (known === undefined || known === policyOf(agentGroup)) return;
      await openDoor(session, agentGroup);
      // Its container may have gone meanwhile.
      if (!doors.has(session.id)) await deps.gateway.close(session.id);
    },
    async closeDoor(sessionId) {
      if (doors.delete(sessionId)) await deps.gateway.close(sessionId);
    },
    async run(session, agentGroup, incarnation) {
      await deps.disk?.check(session, agentGroup);
      const engine = await prepare(session, agentGroup);
      const mounts = mountsOf(session, agentGroup);
      const runDir = await openDoor(session, agentGroup);
      if (runDir !== null) mounts.push({ source: runDir, target: '/run/wharfie', readOnly: true });
      const bare = containerSpec({
        name: deps.nameOf(session.id),
        session,
        agentGroup,
        incarnation,
        mode: 'run',
        mounts,
        defaults: deps.defaults,
      });
      if (agentGroup.agentProvider !== 'claude') return engine.start(bare);
      const agent = identityOf(agentGroup);
      await deps.credentials.ensureAgent(agent);
      return engine.start(await deps.credentials.applyContainerConfig(bare, agent));
    },
    async recover(session, agentGroup, incarnation) {
      const engine = await prepare(session, agentGroup);
      const mounts = mountsOf(session, agentGroup);
      const { defaults } = deps;
      const name = deps.nameOf(session.id);
      return engine.start(
        containerSpec({ name, session, agentGroup, incarnation, mode: 'recover', mounts, defaults }),
      );
    },
  };
}

const policyOf = ({ containerConfig: { egress, serverTools } }: AgentGroup): string =>
  JSON.stringify([egress, serverTools]);

function identityOf(agentGroup: AgentGroup) {
  return { name: agentGroup.name, identifier: agentGroup.id };
}
