import type { Chat, HostProcess } from '../host-process.js';
import { type Asked, type Tally, tally } from './tally.js';

/** A chat as a person sees it, over all the hosts that serve it one after the other. */
export interface Place {
  ask(asked: Asked): void;
  /** Everything that was said here, oldest first. */
  said(): string[];
  tally(): Tally;
}

export interface Terminal extends Place {
  /** Opens it at a host. Lines said before are said again, under their old ids, as a platform redelivers. */
  open(host: HostProcess): Promise<void>;
}

/**
 * A chat of a platform whose fake outlives the hosts. Where the platform tells a message once and never again, it says
 * whether the host has acknowledged the one that was `told` last.
 */
export function placeOf(chat: {
  say(text: string): void;
  said(): string[];
  told?(): Promise<boolean>;
}): Place {
  const asked: Asked[] = [];
  const refused = new Set<Asked>();
  return {
    ask(one) {
      asked.push(one);
      chat.say(one.text);
      void chat.told?.().then((taken) => taken || refused.add(one));
    },
    said: chat.said,
    tally: () => tally(asked, chat.said(), refused),
  };
}

export function terminalPlace(): Terminal {
  const asked: Asked[] = [];
  const chats: Chat[] = [];
  const say = (index: number) => chats.at(-1)?.send(asked[index]?.text ?? '', `line-${index}`);
  const said = () => chats.flatMap((chat) => chat.said);
  return {
    async open(host) {
      chats.push(await host.chat());
      for (const index of asked.keys()) say(index);
    },
    ask(one) {
      say(asked.push(one) - 1);
    },
    said,
    tally: () => tally(asked, said()),
  };
}
