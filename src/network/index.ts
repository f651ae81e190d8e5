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
