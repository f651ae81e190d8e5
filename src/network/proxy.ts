import http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import { Agent, type AgentConnectOpts } from 'agent-base';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { getProxyForUrl } from 'proxy-from-env';
import { EnvHttpProxyAgent, setGlobalDispatcher } from 'undici';
import type { WebSocket } from 'ws';

const LOOPBACK = 'localhost,127.0.0.1,::1,[::1]';

/** Lets this process reach other machines through the proxies of its environment. Loopback never goes through one. */
export function useProxies(): void {
  const given = process.env.NO_PROXY ?? process.env.no_proxy ?? '';
  process.env.NO_PROXY = [given, LOOPBACK].filter(Boolean).join(',');
  process.env.no_proxy = process.env.NO_PROXY;
  setGlobalDispatcher(new EnvHttpProxyAgent());
  const agent = new ByEnvironment({ keepAlive: true });
  Object.assign(http, { globalAgent: agent });
  Object.assign(https, { globalAgent: agent });
  giveAgentToSockets(agent);
}

/**
 * `ws` asks no global agent, and discord.js, which opens the socket of its gateway by it, has no option for one. It takes
 * the class from the package when it is loaded, which is later than this.
 */
function giveAgentToSockets(agent: http.Agent): void {
  const ws: { WebSocket: typeof WebSocket } = createRequire(import.meta.url)('ws');
  ws.WebSocket = new Proxy(ws.WebSocket, {
    construct: (made, [address, protocols, options]) => new made(address, protocols, { agent, ...options }),
  });
}

/** Asks the environment for each connection. What goes by no proxy is kept open as anywhere else. */
class ByEnvironment extends Agent {
  readonly #plain = new http.Agent({ keepAlive: true });
  readonly #secure = new https.Agent({ keepAlive: true });
  readonly #proxies = new Map<string, HttpsProxyAgent<string>>();

  override connect(_: http.ClientRequest, options: AgentConnectOpts) {
    const { secureEndpoint, host, port } = options;
    const name = host ?? 'localhost';
    const authority = name.includes(':') ? `[${name}]` : name;
    const proxy = getProxyForUrl(`${secureEndpoint ? 'https' : 'http'}://${authority}:${port ?? ''}`);
    if (proxy === '') return secureEndpoint ? this.#secure : this.#plain;
    const agent = this.#proxies.get(proxy) ?? new HttpsProxyAgent(proxy, { keepAlive: true });
    this.#proxies.set(proxy, agent);
    return agent;
  }
}
