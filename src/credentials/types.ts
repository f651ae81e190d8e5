import type { ContainerSpec } from '../engine/types.js';
import { WharfieError } from '../errors.js';

export interface AgentIdentity {
  name: string;
  /** The agent group's id. */
  identifier: string;
}

/** OneCLI's proxy as one agent. `authorization` holds that agent's token: never logged, never in a container. */
export interface ProxyRoute {
  /** Without user name and password. */
  url: URL;
  /** The value of `Proxy-Authorization`. */
  authorization: string;
  /** PEM of the authority that signs what the proxy answers with in the place of hosts. */
  ca: string;
  /** The proxy does not know this agent (any more): the next route is asked for anew. */
  onRefused(): void;
}

/** How the gateway on the host speaks to the model API for one agent. Headers hold secrets: never logged. */
export interface ModelUpstream {
  baseUrl: URL;
  headers: Record<string, string>;
  /** Left out: straight to `baseUrl`. */
  via?: ProxyRoute;
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
  /** The proxy that tunnels of this agent go through; null: none. Throws a CredentialError. */
  proxyFor(agent: AgentIdentity): Promise<ProxyRoute | null>;
  /**
   * Called by the gateway after each model answer; true: the key was refused (401). What it gives then is told in the
   * place of the API's own answer.
   */
  onRefused(refused: boolean, agent: AgentIdentity): CredentialError | undefined;
}

/**
 * Codes: `credential-missing` `credential-refused`, and with OneCLI: `onecli-unreachable` `onecli-key-refused`
 * `onecli-no-agent` `onecli-refused` `onecli-no-secret`.
 */
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
