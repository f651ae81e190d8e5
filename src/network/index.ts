import http from 'node:http';
import https from 'node:https';
import type { EnvValues } from '../env-file.js';

const NAMES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'] as const;

/**
 * Lets what this process sends go through the proxies that its environment or `.env` names (`HTTP_PROXY`,
 * `HTTPS_PROXY`, `NO_PROXY`, in upper or lower case). Where none is named nothing is loaded. How each library is told:
 * `fetch` by undici's dispatcher; `node:http` and `ws` by the global agents; libraries with clients of their own (axios,
 * gaxios) by the environment, into which what `.env` says is put; discord.js by the class of `ws` that it loads.
 */
export async function honourProxies(file: EnvValues): Promise<void> {
  for (const name of NAMES) {
    const lower = name.toLowerCase();
    const value = process.env[name] || process.env[lower] || file[name] || file[lower];
    if (value) process.env[name] = value;
  }
  if (!process.env.HTTP_PROXY && !process.env.HTTPS_PROXY) return;
  const { useProxies } = await import('./proxy.js');
  useProxies();
}

const plain = http.globalAgent;

/** The agent that knows the proxies; null: there are none. */
export const proxyingAgent = (): http.Agent | null => (http.globalAgent === plain ? null : https.globalAgent);

/** Whether a call of this host goes by no proxy: it is this machine, or `NO_PROXY` names it or a domain that it lies in. */
export function bypasses(hostname: string, noProxy: string): boolean {
  const host = hostname.toLowerCase().replace(/^\[|\]$/g, '');
  if (host === 'localhost' || host === '::1' || host.startsWith('127.')) return true;
  return noProxy
    .toLowerCase()
    .split(/[,\s]+/)
    .some((entry) => {
      if (entry === '*') return true;
      const name = entry.replace(/:\d+$/, '').replace(/^\*?\./, '');
      return name !== '' && (host === name || host.endsWith(`.${name}`));
    });
}

/** Whether the libraries take it: undici and the agents know these two protocols, and end the host over anything else. */
export function isProxyAddress(value: string): boolean {
  return URL.canParse(value) && ['http:', 'https:'].includes(new URL(value).protocol);
}
