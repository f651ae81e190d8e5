import type { IncomingHttpHeaders } from 'node:http';

export interface FakeAgent {
  name: string;
  identifier: string;
  /** What its proxy address carries. */
  token: string;
  /** The real key that the proxy puts on its requests, by host; without one the API's refusal comes back. */
  secrets: Map<string, string>;
}

/** A request that came out behind the proxy, as the far side would see it. */
export interface ProxiedRequest {
  agent: string;
  host: string;
  method: string;
  path: string;
  /** As the proxy got it: with the placeholder. */
  before: IncomingHttpHeaders;
  /** As it went on: with the real key. */
  after: IncomingHttpHeaders;
}

export interface FakeApproval {
  id: string;
  method: string;
  url: string;
  bodyPreview: string | null;
  agent: { id: string; name: string; externalId: string | null };
  expiresAt: string;
}

/**
 * `up` · `down`: takes no connection · `503`, `401`: answers every call of the control API so · `silent`: takes
 * connections and says nothing · `forgetful`: takes agents and does not know them afterwards.
 */
export type FakeMode = 'up' | 'down' | 'silent' | 'forgetful' | 401 | 503;

export interface FakeOneCli {
  /** The control API. */
  readonly url: string;
  /** Host and port of the proxy. */
  readonly gateway: string;
  readonly apiKey: string;
  readonly ca: string;
  readonly agents: Map<string, FakeAgent>;
  /** `METHOD /path` of each call of the control API, refused ones too. */
  readonly asked: string[];
  /** The target of each CONNECT, with the agent, or `?` for one that was not known. */
  readonly tunnels: string[];
  readonly proxied: ProxiedRequest[];
  /** Decisions by approval id. */
  readonly decisions: Map<string, string>;
  setMode(mode: FakeMode): Promise<void>;
  /** The proxy alone. */
  setGateway(mode: 'up' | 'down' | 503): Promise<void>;
  /** Every agent has this secret for the host, those to come too; null: no agent has one. */
  assign(host: string, key: string | null): void;
  /** The next tokens are others: whoever has an old one is refused. */
  rotateTokens(): void;
  /** Holds a request for approval: resolves with the decision. */
  hold(approval: FakeApproval): Promise<string>;
  close(): Promise<void>;
}
