import http from 'node:http';
import https from 'node:https';
import { channels } from '../../src/channels/catalog/index.js';
import type { Clock } from '../../src/clock.js';
import { codeOf, reasonOf } from '../../src/errors.js';
import { bypasses, isProxyAddress } from '../../src/network/index.js';
import type { Finding } from './types.js';

const ASK_MS = 10_000;
const BLOCKED = new Set([401, 403, 451]);

/** Where each platform is called, unless `<NAME>_API_URL` says otherwise. */
const PLATFORMS: Record<string, string> = {
  telegram: 'https://api.telegram.org',
  discord: 'https://discord.com',
  slack: 'https://slack.com',
  gchat: 'https://chat.googleapis.com',
  teams: 'https://login.microsoftonline.com',
  github: 'https://api.github.com',
  linear: 'https://api.linear.app',
  resend: 'https://api.resend.com',
  'whatsapp-cloud': 'https://graph.facebook.com',
};

export interface ProxyInput {
  /** Of `.env`, and of the environment, which wins. */
  file: Readonly<Record<string, string | undefined>>;
  environment: Readonly<Record<string, string | undefined>>;
  /** The model API's address; null: no agent needs it, or it goes another way. */
  model: string | null;
  /** Channels that are switched on. */
  enabled: readonly string[];
  offline: boolean;
  clock: Clock;
}

export interface ProxyResult {
  findings: Finding[];
  /** What a proxy keeps away, `model` or a channel: asking it tells nothing more. */
  keptAway: ReadonlySet<string>;
}

interface Wanted {
  who: string;
  label: string;
  url: URL;
}

/** Whether the proxies that this installation is told to use open what the model and the channels need. */
export async function judgeProxies(input: ProxyInput): Promise<ProxyResult> {
  const keptAway = new Set<string>();
  const perProxy = new Map<string, { name: string; whys: Set<string>; kept: Set<string> }>();
  const asked = wantedOf(input).map(async ({ who, label, url }) => {
    const proxy = proxyFor(url, input);
    if (proxy === null) return;
    const why = await problemOf(proxy.value, label, url, input);
    if (why === null) return;
    keptAway.add(who);
    const known = perProxy.get(proxy.value) ?? { name: proxy.name, whys: new Set(), kept: new Set() };
    known.whys.add(why);
    known.kept.add(who);
    perProxy.set(proxy.value, known);
  });
  await Promise.all(asked);
  const findings = [...perProxy].map(([value, { name, whys, kept }]): Finding => {
    const inFile = !input.environment[name] && !input.environment[name.toLowerCase()];
    const where = inFile ? '.env' : "the environment of the host (its service's, or this terminal's)";
    return {
      id: 'proxy-refuses',
      layer: kept.has('model') ? 'credentials' : 'channels',
      severity: 'error',
      message: `The proxy of ${name}, ${shownProxy(value)}, ${[...whys].join('; and it ')}.`,
      fix: `Correct ${name} in ${where}, or take it out there; where its rules keep the host away, have them changed. Then: ./wharfie verify`,
    };
  });
  return { findings, keptAway };
}

function wantedOf({ model, enabled, file, environment }: ProxyInput): Wanted[] {
  const platforms = enabled.flatMap((type) => {
    const name = `${type.replace(/-cloud$/, '').toUpperCase()}_API_URL`;
    const address = environment[name] || file[name] || PLATFORMS[type];
    return address === undefined ? [] : [{ who: type, label: channels[type]?.label ?? type, address }];
  });
  const all = [
    ...(model === null ? [] : [{ who: 'model', label: 'the model API', address: model }]),
    ...platforms,
  ];
  return all.flatMap(({ who, label, address }) =>
    URL.canParse(address) ? [{ who, label, url: new URL(address) }] : [],
  );
}

/** The proxy that a call of this address goes by; null: none. */
function proxyFor(url: URL, { file, environment }: ProxyInput): { name: string; value: string } | null {
  const of = (name: string) => {
    const lower = name.toLowerCase();
    return environment[name] || environment[lower] || file[name] || file[lower] || '';
  };
  if (bypasses(url.hostname, of('NO_PROXY'))) return null;
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const value = of(name);
  return value === '' ? null : { name, value };
}

async function problemOf(
  proxy: string,
  label: string,
  url: URL,
  { offline, clock }: ProxyInput,
): Promise<string | null> {
  if (!isProxyAddress(proxy)) return 'is none that can be used: it must begin with http:// or https://';
  if (offline) return null;
  const authority = `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`;
  const answer = await connectVia(new URL(proxy), authority, clock);
  if (typeof answer === 'string') return `cannot be reached: ${answer}`;
  if (answer >= 200 && answer < 300) return null;
  if (answer === 407) return 'wants another user name and password (407)';
  if (BLOCKED.has(answer)) return `lets nobody through to ${label} at ${authority} (${answer})`;
  return `opens no way to ${label} at ${authority} (${answer})`;
}

/** What it answers where a tunnel is asked for (RFC 9110, section 9.3.6), or why nothing. */
function connectVia(proxy: URL, authority: string, clock: Clock): Promise<number | string> {
  const secure = proxy.protocol === 'https:';
  const login = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return new Promise((resolve) => {
    const request = (secure ? https : http).request({
      method: 'CONNECT',
      host: proxy.hostname.replace(/^\[|\]$/g, ''),
      port: proxy.port || (secure ? 443 : 80),
      path: authority,
      headers: {
        host: authority,
        ...(login !== ':' && { 'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}` }),
      },
      agent: false,
    });
    const deadline = clock.after(ASK_MS, () => request.destroy(new Error('it does not answer in time')));
    const end = (found: number | string) => {
      deadline.cancel();
      request.destroy();
      resolve(found);
    };
    request.once('connect', ({ statusCode = 502 }, socket) => {
      socket.destroy();
      end(statusCode);
    });
    // A refusal may come as an answer of the ordinary kind.
    request.once('response', ({ statusCode = 502 }) => end(statusCode));
    request.on('error', (error) => end(codeOf(error) || reasonOf(error)));
    request.end();
  });
}

/** Never its user name and password, whatever it is. */
function shownProxy(value: string): string {
  if (!isProxyAddress(value)) return 'as it is written';
  const { protocol, host } = new URL(value);
  return `${protocol}//${host}`;
}
