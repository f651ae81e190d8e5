import type { ContainerSpec } from '../engine/types.js';
import { WharfieError } from '../errors.js';

export interface AgentIdentity {
  name: string;
  /** The agent group's id. */
  identifier: string;
}

/** How the gateway on the host speaks to the model API for one agent. Headers hold secrets: never logged. */
export interface ModelUpstream {
  baseUrl: URL;
  headers: Record<string, string>;
}

/**
 * Where credentials come from. Secrets stay on the host: a container gets at most placeholders.
 * Order per start: `ensureAgent`, then `applyContainerConfig`.
 */
export interface CredentialProvider {
  readonly kind: 'static' | 'onecli';
  /** Null when there is something to start with, else what is missing and how to provide it. */
  missing(): CredentialError | null;
  ensureAgent(agent: AgentIdentity): Promise<void>;
  /** The spec with this agent's CA, placeholders and proxy address added. */
  applyContainerConfig(spec: ContainerSpec, agent: AgentIdentity): Promise<ContainerSpec>;
  /** Read for each request, so that a changed `.env` counts at once. Throws a CredentialError. */
  modelUpstream(agent: AgentIdentity): Promise<ModelUpstream>;
  /** Called by the gateway after each model answer; true: the key was refused (401/403). */
  onRefused(refused: boolean): void;
}

/** Codes: `credential-missing` `credential-refused` `onecli-unreachable` `onecli-no-agent`. */
export class CredentialError extends WharfieError {}

/** The door of one session to the outside. */
export interface EgressGateway {
  /** Opens the session's socket and resolves with the short folder on the host that is mounted at `/run/wharfie`. */
  open(session: {
    sessionId: string;
    agent: AgentIdentity;
    egress: 'model' | 'web' | string[];
    serverTools: string[];
    owner: { uid: number; gid: number } | null;
  }): Promise<{ runDir: string }>;
  close(sessionId: string): Promise<void>;
  /** Lets go of all sockets; running containers wait and retry until the next host opens them again. */
  stop(): Promise<void>;
}
