import { expect, vi } from 'vitest';
// Those that the host's own packages use: below test/channels there may be others.
import { parseMarkdown } from '../../../node_modules/chat/dist/index.js';
import { unified } from '../../../node_modules/unified/index.js';
import type { Address } from '../../../src/address.js';
import type { InboundEvent } from '../../../src/channels/adapter.js';
import type { ContractCase } from '../contract.js';
import { hostileTexts, SEED } from './hostile-texts.js';
import { groupOf } from './intake.js';
import { requestOf, type Stage, textPart } from './stage.js';

const HOSTILE = 200;
const OWNERS = 20;
const seed = `the texts of WHARFIE_HOSTILE_SEED=${SEED}`;

/** Runs something, and gives every text that was given to the Markdown parser meanwhile, by whomever. */
export async function parsedIn(run: () => Promise<void>): Promise<string[]> {
  const parse = vi.spyOn(Object.getPrototypeOf(unified), 'parse');
  try {
    await run();
    // The parser of the adapters is the one that is watched.
    parseMarkdown('watched');
    const texts = parse.mock.calls.map(([text]) => String(text));
    expect(texts.pop()).toBe('watched');
    return texts;
  } finally {
    parse.mockRestore();
  }
}

const name = (at: number) => `number ${String(at).padStart(2, '0')} of mine`;

/** What comes of the owner behind each ten of a stranger's. */
function* crowd(length: number): Generator<string> {
  for (const [at, text] of hostileTexts(HOSTILE, length).entries()) {
    yield text;
    if ((at + 1) % (HOSTILE / OWNERS) === 0) yield name((at + 1) / (HOSTILE / OWNERS) - 1);
  }
}

const isOwners = (text: string) => /^number \d\d of mine$/.test(text);
const answers = Array.from({ length: OWNERS }, (_, at) => `answer ${at}`);

/** Answers where it was asked, and looks whether the answer stands there. */
async function answer(stage: Stage, event: InboundEvent, text: string): Promise<void> {
  const { channelType, platformId, threadId } = event;
  const place = { channelType, platformId, threadId };
  await stage.adapter.deliver(requestOf(place, textPart(text)));
  expect(
    stage.heard(place).map((heard) => heard.text.trim()),
    seed,
  ).toContain(text);
}

/** What a stranger writes in this chat, and in another one, costs the others nothing. */
async function live(stage: Stage, host: Parameters<ContractCase>[1], to: Address, elsewhere: Address) {
  const said: string[] = [];
  for (const text of crowd(stage.longestSaid)) {
    const place = isOwners(text) || said.length % 2 === 0 ? to : elsewhere;
    said.push(stage.say(place, text));
    if (!isOwners(text)) continue;
    const heard = () => host.events.find((event) => event.text === text);
    const event = await host.until(heard);
    await answer(stage, event, answers[host.events.filter((one) => isOwners(one.text)).length - 1] ?? '');
  }
  await host.until(() => host.events.length >= said.length);
  expect(new Set(host.events.map((event) => event.messageId)), seed).toEqual(new Set(said));
}

export const hostileCases = {
  async 'what strangers write is not parsed, and the owner is answered among it'(stage, host) {
    await stage.adapter.start(host);
    const to = stage.direct;
    const parsed = await parsedIn(() => live(stage, host, to, stage.group ?? stage.other ?? to));
    expect(
      parsed.filter((text) => !answers.includes(text)),
      seed,
    ).toEqual([]);
    const owners = host.events.map((event) => event.text).filter(isOwners);
    expect(owners, seed).toEqual(answers.map((_, at) => name(at)));
  },

  async 'what strangers wrote while the host was away is not parsed, and comes in its order'(stage, host) {
    const group = groupOf(stage);
    const known = stage.say(group, 'known', { unheard: true });
    const said = [...crowd(stage.longestSaid)].map((text) => stage.say(group, text, { unheard: true }));
    host.setCursors([{ platformId: group.platformId, lastMessageId: known, lastAt: 0 }]);
    const parsed = await parsedIn(async () => {
      await stage.adapter.start(host);
      await host.until(() => host.events.length >= said.length);
    });
    expect(parsed, seed).toEqual([]);
    expect(
      host.events.map((event) => event.messageId),
      seed,
    ).toEqual(said);
    const owners = host.events.filter((event) => isOwners(event.text));
    expect(owners).toHaveLength(OWNERS);
    for (const [at, event] of owners.entries()) await answer(stage, event, answers[at] ?? '');
  },
} satisfies Record<string, ContractCase>;
