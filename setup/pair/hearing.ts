import { type ChannelFacts, missingCredentials } from '../../src/channels/catalog/index.js';
import type { ChannelState } from '../../src/channels/cli/protocol.js';
import { sleep } from '../../src/clock.js';
import { pathsOf } from '../../src/config.js';
import { createEnvFile } from '../../src/env-file.js';
import { WharfieError } from '../../src/errors.js';
import { hostState } from '../../src/host/state.js';
import { barrelStates } from '../channel/barrel.js';
import { askChannels } from '../lib/ask-host.js';
import type { StepContext } from '../lib/step.js';
import { quoteForShell } from '../service/types.js';

/** A host that was started a moment ago is still connecting. */
const PATIENCE_MS = 20_000;
const LOOK_EVERY_MS = 500;

/**
 * Sees to it that the running host hears this channel, and returns what the bot is called there (null: not known).
 * Throws a WharfieError whose fix is the step that is missing.
 */
export async function hearing(context: StepContext, facts: ChannelFacts): Promise<string | null> {
  const { clock } = context;
  for (const until = clock.monotonic() + PATIENCE_MS; ; ) {
    const state = await stateOf(context, facts);
    if (state?.state === 'connected') return state.bot ?? null;
    const missing = missingCredentials(facts, environmentOf(context));
    const mayCome =
      state?.state === 'connecting' || (state?.state === 'unconfigured' && missing.length === 0);
    if (!mayCome || clock.monotonic() >= until) throw deaf(context, facts, state, missing);
    await sleep(clock, LOOK_EVERY_MS);
  }
}

/** What the bot is called, where a host can be asked; null: nobody knows. */
export async function botName(context: StepContext, facts: ChannelFacts): Promise<string | null> {
  const state = await stateOf(context, facts).catch(() => undefined);
  return state?.bot ?? null;
}

async function stateOf(context: StepContext, facts: ChannelFacts): Promise<ChannelState | undefined> {
  const dataDir = pathsOf(context.home).data;
  const channels = await askChannels({ dataDir, clock: context.clock });
  if (channels) return channels.find((one) => one.channelType === facts.type);
  if (!(await hostState(dataDir)).running) throw notRunning();
  throw new WharfieError(
    'host-silent',
    'The host did not answer.',
    'See what is wrong with it: ./wharfie verify',
  );
}

const environmentOf = (context: StepContext) => ({
  ...createEnvFile(pathsOf(context.home).envFile).read(),
  ...context.env,
});

function deaf(
  context: StepContext,
  facts: ChannelFacts,
  state: ChannelState | undefined,
  missing: readonly string[],
): WharfieError {
  const { type, label } = facts;
  const error = (code: string, message: string, fix: string) =>
    new WharfieError(code, `${message} A code that is sent there would not be heard.`, fix);
  if (!state && !barrelStates(context.root).some((line) => line.type === type && line.enabled)) {
    return error('channel-not-enabled', `${label} is not enabled.`, `./wharfie channel --enable ${type}`);
  }
  if (missing.length > 0) {
    const fix = `Run in a terminal of your own: cd ${quoteForShell(context.root)} && ./wharfie channel --auth ${type}`;
    return error('credential-missing', `${label} needs ${missing.join(', ')}.`, fix);
  }
  if (!state) {
    const message = `${label} was enabled after the host started.`;
    return error('channel-not-connected', message, 'Restart the host: ./wharfie service');
  }
  const cause = state.detail ? `: ${state.detail}` : '';
  const fix = state.fix || `./wharfie verify --channel ${type}`;
  return error('channel-not-connected', `${label} is not connected${cause}.`.replace(/\.\.$/, '.'), fix);
}

function notRunning(): WharfieError {
  return new WharfieError(
    'host-not-running',
    'Only a running host hears the code.',
    'Start it in another terminal (npm start), or as a service (./wharfie service), then run this step again.',
  );
}
