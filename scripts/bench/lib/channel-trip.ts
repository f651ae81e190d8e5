import type { Address } from '../../../src/address.js';
import type { ChannelHost, InboundEvent } from '../../../src/channels/adapter.js';
import type { Stage } from '../../../test/channels/contract/stage.js';
import type { ChannelFixture } from '../../../test/channels/contract.js';
import { NotHere } from './figure.js';
import { createBenchHost } from './host.js';
import { pause } from './process.js';
import { type Summary, summarize } from './stats.js';

const WARM_UP = 5;
/** Longer than a reply takes to be marked as sent. */
const REST_MS = 20;
const LONGEST_MS = 30_000;
/** The terminal of the operator is asked for nothing here. */
const NOBODY: Omit<ChannelHost, 'receive'> = {
  unread: () => 'set-aside',
  cursors: () => [],
  healthChanged: () => {},
};

export interface ChannelTimes {
  /** The platform's event to the agent's prompt, and to a handler that does nothing. */
  intake: { subject: Summary; floor: Summary };
  /** The agent's reply to the platform's answer to our request, and the adapter's part of that alone. */
  reply: { subject: Summary; floor: Summary };
}

/** One channel against the fake of its platform, in turns with the whole host and with nothing behind it. */
export async function timeChannel(fixture: ChannelFixture, rounds: number): Promise<ChannelTimes> {
  const [full, bare] = [await fixture.open(), await fixture.open()];
  const host = await createBenchHost({ docker: null, provider: 'mock', adapters: [watched(full)] });
  const alone = listening();
  const times = { intake: [0, 0].map((): number[] => []), reply: [0, 0].map((): number[] => []) };
  const [intakeFull = [], intakeBare = []] = times.intake;
  const [replyFull = [], replyBare = []] = times.reply;
  try {
    const session = host.wireTo(full.direct);
    await bare.adapter.start(alone.host);
    await until(() => full.adapter.health().state === 'connected', 'connection');
    for (let round = 0; round < rounds + WARM_UP; round += 1) {
      const heard = await throughHost(full, host, session.id, `hello ${round}`);
      await pause(REST_MS);
      const floor = await throughNothing(bare, alone, `hello ${round}`);
      if (round < WARM_UP) continue;
      intakeFull.push(heard.intake);
      replyFull.push(heard.reply);
      intakeBare.push(floor.intake);
      replyBare.push(floor.reply);
    }
  } finally {
    await host.close();
    await bare.adapter.stop();
    await Promise.all([full.close(), bare.close()]);
  }
  const both = (subject: number[], floor: number[]) => ({
    subject: summarize(subject),
    floor: summarize(floor),
  });
  return { intake: both(intakeFull, intakeBare), reply: both(replyFull, replyBare) };
}

/**
 * The times come from elsewhere: looking need not be exact, and must not take the processor from what is measured.
 */
async function until<T>(find: () => T | null | undefined | false, what: string): Promise<T> {
  const began = performance.now();
  for (;;) {
    const found = find();
    if (found) return found;
    if (performance.now() - began > LONGEST_MS) throw new NotHere(`no ${what} within ${LONGEST_MS / 1000} s`);
    await pause(1);
  }
}

/** The last event that the adapter handed to the host, and when. An e-mail opens a thread of its own. */
const received = new WeakMap<Stage, { at: number; to: Address }>();

/** The stage's adapter, which notes what it hands to the host. */
function watched(stage: Stage): Stage['adapter'] {
  const { adapter } = stage;
  const start: typeof adapter.start = (host) =>
    adapter.start({
      unread: (message, error) => host.unread(message, error),
      cursors: () => host.cursors(),
      healthChanged: () => host.healthChanged(),
      receive(event) {
        received.set(stage, { at: performance.now(), to: addressOf(event) });
        return host.receive(event);
      },
    });
  return new Proxy(adapter, {
    get: (target, name) => (name === 'start' ? start : Reflect.get(target, name, target)),
  });
}

const addressOf = ({ channelType, platformId, threadId }: Address) => ({ channelType, platformId, threadId });

async function throughHost(
  stage: Stage,
  host: Awaited<ReturnType<typeof createBenchHost>>,
  sessionId: string,
  text: string,
): Promise<{ intake: number; reply: number }> {
  const { stages } = host.outbound;
  received.delete(stage);
  const said = performance.now();
  stage.say(stage.direct, text);
  const came = await until(() => received.get(stage), `${text} at the host`);
  const before = stages.last(sessionId, came.to);
  const found = await until(() => {
    const last = stages.last(sessionId, came.to);
    return last === before ? null : last;
  }, `the answer to ${text}`);
  const { intake = 0, claim = 0, send = 0 } = found;
  return { intake: came.at - said + intake + claim, reply: send };
}

function listening() {
  let wake: (event: InboundEvent) => void = () => {};
  const host: ChannelHost = {
    ...NOBODY,
    async receive(event) {
      wake(event);
    },
  };
  const next = () =>
    new Promise<InboundEvent>((resolve) => {
      wake = resolve;
    });
  return { host, next };
}

async function throughNothing(
  { adapter, direct, say }: Stage,
  { next }: ReturnType<typeof listening>,
  text: string,
): Promise<{ intake: number; reply: number }> {
  const heard = next();
  const said = performance.now();
  say(direct, text);
  const event = await heard;
  const came = performance.now();
  await adapter.deliver({
    to: addressOf(event),
    part: { type: 'text', text: `You said: ${text}`, files: [], replyTo: event.messageId },
    idempotencyKey: text.replace(/\W/g, '-'),
    signal: new AbortController().signal,
  });
  return { intake: came - said, reply: performance.now() - came };
}
