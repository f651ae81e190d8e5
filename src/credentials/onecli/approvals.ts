import { OneCLI } from '@onecli-sh/sdk';
import { z } from 'zod';
import type { Clock, Timer } from '../../clock.js';
import { reasonOf } from '../../errors.js';
import type { Log } from '../../log/index.js';
import { PROVIDER_NAME } from '../index.js';
import type { Env } from '../model-env.js';
import { CredentialError } from '../types.js';
import { type HeldRequest, heldRequest } from './approval-request.js';
import { type OneCliSettings, oneCliSettings } from './settings.js';

const LOOK_EVERY_MS = 5000;
const ASK_TIMEOUT_MS = 5000;
const gatewaySchema = z.object({ url: z.url() });

/**
 * Has OneCLI ask here for what needs a person. Follows `.env`: another key or address counts within seconds. The SDK
 * gives up for ever where OneCLI does not answer at the start; so it is asked here where its gateway is, until it says so.
 */
export function watchApprovals(deps: {
  envFile: { read(): Env };
  fallback: Env;
  clock: Clock;
  log: Log;
  /** Never rejects: the SDK would ask again at once. */
  decide(request: HeldRequest): Promise<'approve' | 'deny'>;
}): { stop(): void } {
  const { clock, log } = deps;
  let watched = '';
  let poll: { stop(): void } | null = null;
  let timer: Timer | null = null;
  let stopped = false;

  const wanted = (): OneCliSettings | null => {
    const file = deps.envFile.read();
    if ((file[PROVIDER_NAME] || deps.fallback[PROVIDER_NAME]) !== 'onecli') return null;
    const found = oneCliSettings(file, deps.fallback);
    return found instanceof CredentialError ? null : found;
  };
  const begin = async (settings: OneCliSettings): Promise<void> => {
    const gatewayUrl = await gatewayOf(settings);
    if (stopped) return;
    const { url, apiKey, projectId } = settings;
    const sdk = new OneCLI({ url: url.href.replace(/\/+$/, ''), apiKey, projectId, gatewayUrl });
    poll = sdk.configureManualApproval(async (given) => {
      const request = heldRequest(given);
      if (request) return deps.decide(request);
      log.warn('OneCLI asks for an approval that cannot be read: denied');
      return 'deny';
    });
    log.info({ gateway: gatewayUrl }, 'OneCLI asks here for approvals');
  };
  const look = async (): Promise<void> => {
    const settings = wanted();
    const key = settings ? JSON.stringify(settings) : '';
    if (key !== watched || (settings && !poll)) {
      poll?.stop();
      poll = null;
      watched = key;
      if (settings) await begin(settings);
    }
  };
  const pass = async (): Promise<void> => {
    await look().catch((error: unknown) =>
      log.debug({ reason: reasonOf(error) }, 'OneCLI not asked for approvals yet'),
    );
    if (!stopped) timer = clock.after(LOOK_EVERY_MS, () => void pass());
  };
  void pass();
  return {
    stop() {
      stopped = true;
      timer?.cancel();
      poll?.stop();
    },
  };
}

async function gatewayOf({ url, apiKey, projectId, gatewayUrl }: OneCliSettings): Promise<string> {
  const headers = { authorization: `Bearer ${apiKey}`, ...(projectId && { 'x-project-id': projectId }) };
  const options = { headers, redirect: 'manual', signal: AbortSignal.timeout(ASK_TIMEOUT_MS) } as const;
  const found =
    gatewayUrl ||
    gatewaySchema.parse(await json(`${url.href.replace(/\/+$/, '')}/v1/gateway-url`, options)).url;
  const gateway = new URL(found);
  // As in agent-config: the name is for containers of OneCLI's own kind.
  if (gateway.hostname === 'host.docker.internal') gateway.hostname = url.hostname;
  return gateway.href.replace(/\/+$/, '');
}

async function json(url: string, options: RequestInit): Promise<unknown> {
  const answer = await fetch(url, options);
  if (!answer.ok) throw new Error(`OneCLI answers ${answer.status}`);
  return answer.json();
}
