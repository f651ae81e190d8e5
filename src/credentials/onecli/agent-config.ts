import { posix } from 'node:path';
import { z } from 'zod';
import { CredentialError } from '../types.js';
import type { OneCliSettings } from './settings.js';

/** What OneCLI gives for one agent, taken apart: the route stays on the host, the rest is for its containers. */
export interface AgentConfig {
  proxy: { url: URL; authorization: string };
  ca: string;
  /** Placeholders and switches for programs, without any way to the token of the route. */
  env: Record<string, string>;
  /** Files with placeholders that programs look for. */
  stubs: { path: string; content: string }[];
}

const schema = z.object({
  env: z.record(z.string(), z.string()),
  caCertificate: z.string().includes('-----BEGIN CERTIFICATE-----').max(100_000),
  caCertificateContainerPath: z.string().min(1),
  credentialStubs: z
    .array(z.object({ containerPath: z.string().max(1000), content: z.string().max(100_000) }))
    .max(20)
    .default([]),
});

/** Names that a container's own parts decide on, or that would load code into them. */
const OURS =
  /^(WHARFIE_.*|(https?|all|no|ftp)_proxy|ANTHROPIC_(BASE_URL|UNIX_SOCKET)|HOME|PATH|TZ|USER|SHELL|NODE_OPTIONS|NODE_PATH|LD_.*|BASH_ENV|ENV)$/i;
/** A stub lies where only the container itself writes. */
function isStubPath(path: string): boolean {
  const plain = !path.includes('\0') && posix.normalize(path) === path;
  return plain && /^\/(home\/node|tmp)\/[^/]/.test(path);
}

/** Parses what came from OneCLI. Throws `onecli-refused` where it is of no use. */
export function agentConfig(answer: unknown, settings: OneCliSettings): AgentConfig {
  const parsed = schema.safeParse(answer);
  if (!parsed.success)
    throw unusable(settings, z.prettifyError(parsed.error).replace(/\s+/g, ' ').slice(0, 200));
  const { env, caCertificate: ca, caCertificateContainerPath, credentialStubs } = parsed.data;
  const proxy = proxyOf(env.HTTPS_PROXY ?? env.https_proxy ?? '', settings);
  const secrets = [settings.apiKey, proxy.token].filter((secret) => secret !== '');
  const kept = Object.entries(env).filter(
    ([name, value]) =>
      /^[A-Za-z_]\w{0,100}$/.test(name) &&
      !OURS.test(name) &&
      value.length <= 10_000 &&
      !value.includes('\0') &&
      !value.includes(caCertificateContainerPath) &&
      !secrets.some((secret) => value.includes(secret)),
  );
  return {
    proxy: { url: proxy.url, authorization: proxy.authorization },
    ca,
    env: Object.fromEntries(kept),
    stubs: credentialStubs
      .filter(({ containerPath, content }) => {
        return isStubPath(containerPath) && !secrets.some((secret) => content.includes(secret));
      })
      .map(({ containerPath: path, content }) => ({ path, content })),
  };
}

function proxyOf(text: string, settings: OneCliSettings) {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.password === '') {
    throw unusable(settings, 'HTTPS_PROXY is no address with a token');
  }
  const token = decodeURIComponent(url.password);
  const credentials = `${decodeURIComponent(url.username)}:${token}`;
  const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
  url.username = '';
  url.password = '';
  // The name under which containers of OneCLI's own kind see their machine; from here it is where OneCLI answers.
  if (url.hostname === 'host.docker.internal') url.hostname = settings.url.hostname;
  return { url, authorization, token };
}

function unusable({ url }: OneCliSettings, why: string): CredentialError {
  return new CredentialError(
    'onecli-refused',
    `OneCLI at ${url.host} gives a container configuration that cannot be used: ${why}.`,
    'See that ONECLI_URL in .env is the address of its API, and that OneCLI is up to date.',
  );
}
