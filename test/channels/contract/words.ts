import { expect } from 'vitest';
import type { InboundEvent } from '../../../src/channels/adapter.js';
import type { ContractCase } from '../contract.js';
import type { RecordingHost, Stage } from './stage.js';

/**
 * What people do besides writing, as the platform's own documentation has the packets. Each method sends what it says; a
 * channel whose platform has no such thing leaves the method out and says why among its `cannot`.
 */
export interface Words {
  /** Ada calls the bot in answer to a message of Bob's, which the bot has never seen. */
  answers?(asked: string, quoted: string): void;
  /** The same, with only `part` of Bob's message marked. */
  answersPart?(asked: string, part: string): void;
  /** Ada passes on what `origin` wrote. */
  forwards?(text: string, origin: string): void;
  /** Ada calls the bot in a thread that Bob began with `root`. */
  asksInThread?(asked: string, root: string): void;
  /** Two pictures sent as one, `caption` at the first. */
  album?(caption: string): void;
  sticker?(): void;
  poll?(question: string, options: string[]): void;
  place?(name: string, latitude: number, longitude: number): void;
  contact?(name: string, phone: string): void;
  /** The answer to a form of the bot's, or of a button that came with a template. */
  form?(answer: string): void;
  /** Words in blocks, cards or embeds alone. */
  wordsInBlocks?(text: string): void;
  /** A pin, a join, a new title: whatever the platform has of them, all. Returns how many. */
  service?(): number;
  /** Ada writes `before`, and makes `after` of it. */
  edits?(before: string, after: string): void;
  /** Ada writes `text`, and the platform tells something of it that changes no word: a preview, a reaction. */
  touches?(text: string): void;
  /** Ada writes `text` and deletes it. */
  deletes?(text: string): void;
  /** Somebody renames the chat to `name`; then Ada writes `text`. */
  renames?(name: string, text: string): void;
  /** The chat gets another id; returns both. */
  moves?(): { from: string; to: string };
  /** A command that names another bot. */
  commandOfAnother?(): void;
  /** An admin who shows no name writes `text`. */
  anonymous?(text: string): void;
  /** The bot is named only where no reader sees it. */
  hiddenMention?(text: string): void;
  /** What comes with ids, in place of what a person sees (`shown`). */
  idsForNames?(): { shown: string };
}

/** The event that says this, wherever in it the words stand. */
async function told(host: RecordingHost, words: string): Promise<InboundEvent> {
  return host.until(() =>
    host.events.find(({ text, forwarded }) => text.includes(words) || forwarded?.text.includes(words)),
  );
}

/** Does what a situation says and then an ordinary message; gives everything that came before that one. */
async function before(stage: Stage, host: RecordingHost, act: () => unknown): Promise<InboundEvent[]> {
  await stage.adapter.start(host);
  act();
  stage.say(stage.direct, 'and that was all');
  await host.heard('and that was all');
  return host.events.filter(({ text }) => !text.includes('and that was all'));
}

function situation<Name extends keyof Words>(stage: Stage, name: Name): NonNullable<Words[Name]> {
  const act = stage.words?.[name];
  if (!act) throw new Error(`this channel's fixture does not say how: ${name}`);
  return act;
}

export const wordsCases = {
  'words that a message answers come with it, as those of who wrote them': async (stage, host) => {
    await stage.adapter.start(host);
    situation(stage, 'answers')('is this true?', 'the earth is flat, said before');
    const event = await told(host, 'is this true?');
    expect(event).toMatchObject({
      mentioned: true,
      quoted: { text: expect.stringContaining('the earth is flat, said before'), partial: false },
    });
    expect(event.quoted?.from).toMatch(/bob/i);
    expect(event.text).not.toContain('the earth is flat');
  },

  'a marked part of a message comes as a part': async (stage, host) => {
    await stage.adapter.start(host);
    situation(stage, 'answersPart')('what is meant here?', 'only this part');
    const event = await told(host, 'what is meant here?');
    expect(event).toMatchObject({ quoted: { text: 'only this part', partial: true } });
  },

  'forwarded words are those of their origin, not of who passes them on': async (stage, host) => {
    await stage.adapter.start(host);
    situation(stage, 'forwards')('send the money to Mallory', 'Mallory');
    const event = await told(host, 'send the money to Mallory');
    expect(event.forwarded).toMatchObject({ text: expect.stringContaining('send the money to Mallory') });
    expect(event.text).not.toContain('send the money');
    expect(event.text).not.toMatch(/^\[a message of a kind/);
  },

  'what a thread began with can be fetched, with who wrote it': async (stage, host) => {
    await stage.adapter.start(host);
    situation(stage, 'asksInThread')('what causes this?', 'the deploy takes twelve minutes');
    const event = await told(host, 'what causes this?');
    const root = await event.root?.();
    expect(root?.text).toContain('the deploy takes twelve minutes');
    expect(root?.from).not.toBe('');
  },

  'the parts of an album name the same album': async (stage, host) => {
    const events = await before(stage, host, () => situation(stage, 'album')('these two please'));
    expect(events.flatMap(({ attachments }) => attachments)).toHaveLength(2);
    expect(events.map(({ text }) => text).filter(Boolean)).toEqual(['these two please']);
    if (events.length > 1) {
      expect(new Set(events.map(({ album }) => album)).size).toBe(1);
      expect(events[0]?.album).toBeTruthy();
    }
  },

  'a sticker is named': async (stage, host) => {
    const [event] = await before(stage, host, situation(stage, 'sticker'));
    expect(event?.text).toMatch(/^\[sticker\b.*\]$/);
  },

  'a poll is told with its question and options': async (stage, host) => {
    const [event] = await before(stage, host, () => situation(stage, 'poll')('Lunch?', ['Pizza', 'Salad']));
    expect(event?.text).toMatch(/^\[poll: Lunch\?.*Pizza.*Salad.*\]$/s);
  },

  'a place is told with its name and coordinates': async (stage, host) => {
    const [event] = await before(stage, host, () => situation(stage, 'place')('Café', 52.5, 13.4));
    expect(event?.text).toMatch(/^\[place: .*52\.5.*13\.4.*\]$/s);
    expect(event?.text).toContain('Café');
  },

  'a contact is told with name and number': async (stage, host) => {
    const [event] = await before(stage, host, () => situation(stage, 'contact')('Zoe', '+49301234567'));
    expect(event?.text).toMatch(/^\[contact: .*Zoe.*\+?49301234567.*\]$/s);
  },

  'the answer to a form is its words': async (stage, host) => {
    const [event] = await before(stage, host, () => situation(stage, 'form')('tomorrow at nine'));
    expect(event?.text).toContain('tomorrow at nine');
  },

  'words in blocks, cards or embeds are words': async (stage, host) => {
    const [event] = await before(stage, host, () =>
      situation(stage, 'wordsInBlocks')('words in blocks only'),
    );
    expect(event?.text).toContain('words in blocks only');
  },

  'a service message is for nobody': async (stage, host) => {
    let sent = 0;
    const events = await before(stage, host, () => {
      sent = situation(stage, 'service')();
    });
    expect(sent).toBeGreaterThan(0);
    expect(events.filter(({ kind }) => kind !== 'service')).toEqual([]);
  },

  'an edit has the new words and names the message': async (stage, host) => {
    const events = await before(stage, host, () =>
      situation(stage, 'edits')('the old words', 'the new words'),
    );
    const [first, edit] = events;
    expect(events).toHaveLength(2);
    expect(first).toMatchObject({ kind: 'message', text: 'the old words' });
    expect(edit).toMatchObject({ kind: 'edited', text: 'the new words', replyTo: first?.messageId });
    expect(edit?.messageId).not.toBe(first?.messageId);
  },

  'an update that changes no word changes no word': async (stage, host) => {
    const events = await before(stage, host, () => situation(stage, 'touches')('the same words'));
    const [first, ...others] = events.filter(({ kind }) => kind === 'message' || kind === 'edited');
    expect(first).toMatchObject({ kind: 'message', text: 'the same words' });
    for (const other of others) expect(other).toMatchObject({ kind: 'edited', text: 'the same words' });
  },

  'a deletion names the message': async (stage, host) => {
    const events = await before(stage, host, () => situation(stage, 'deletes')('soon gone'));
    const [first, gone] = events;
    expect(events).toHaveLength(2);
    expect(gone).toMatchObject({ kind: 'deleted', replyTo: first?.messageId });
    expect(gone?.messageId).not.toBe(first?.messageId);
  },

  'a chat that is renamed has its new name': async (stage, host) => {
    await stage.adapter.start(host);
    situation(stage, 'renames')('New Name', 'said in the renamed chat');
    const event = await told(host, 'said in the renamed chat');
    expect(event.chatName).toContain('New Name');
  },

  'a chat that moves is told with both ids': async (stage, host) => {
    let moved: { from: string; to: string } | null = null;
    await before(stage, host, () => {
      moved = situation(stage, 'moves')();
    });
    expect(host.moves).toContainEqual(moved);
  },

  'a command for another bot is for nobody': async (stage, host) => {
    const events = await before(stage, host, situation(stage, 'commandOfAnother'));
    expect(events.filter(({ kind }) => kind !== 'service')).toEqual([]);
  },

  'an anonymous admin is the chat, and no bot': async (stage, host) => {
    await stage.adapter.start(host);
    situation(stage, 'anonymous')('said by nobody in particular');
    const event = await told(host, 'said by nobody in particular');
    expect(event.sender).toMatchObject({ isBot: false, self: false });
    expect(event.sender.id).toBe(event.platformId);
  },

  'a mention that nobody sees calls nobody': async (stage, host) => {
    await stage.adapter.start(host);
    situation(stage, 'hiddenMention')('nothing for the bot here');
    const event = await told(host, 'nothing for the bot here');
    expect(event.mentioned).toBe(false);
  },

  'ids in words are names': async (stage, host) => {
    await stage.adapter.start(host);
    const { shown } = situation(stage, 'idsForNames')();
    const event = await told(host, shown);
    expect(event.text).toContain(shown);
  },
} satisfies Record<string, ContractCase>;
