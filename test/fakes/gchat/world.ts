/** What exists in the fake Google Chat, and what has happened in it. */
export interface FakeSpace {
  name: string;
  displayName: string;
  spaceType: 'DIRECT_MESSAGE' | 'GROUP_CHAT' | 'SPACE';
  spaceThreadingState: 'UNTHREADED_MESSAGES' | 'THREADED_MESSAGES';
}

export interface FakeUser {
  name: string;
  displayName: string;
  type: 'HUMAN' | 'BOT';
}

export interface FakeMessage {
  name: string;
  space: FakeSpace;
  sender: FakeUser;
  createTime: string;
  text: string;
  /** What people say, without the names of apps. */
  argumentText?: string;
  thread: { name: string };
  cardsV2?: unknown[];
  fallbackText?: string;
  annotations?: unknown[];
  attachment?: unknown[];
}

export interface World {
  /** An administrator lets the app read what was said without it. */
  isApproved: boolean;
  readonly app: FakeUser;
  readonly ada: FakeUser;
  readonly bob: FakeUser;
  readonly family: FakeSpace;
  readonly team: FakeSpace;
  readonly direct: FakeSpace;
  readonly spaces: Map<string, FakeSpace>;
  readonly messages: FakeMessage[];
  /** By resource name. */
  readonly media: Map<string, Buffer>;
  add(space: FakeSpace, sender: FakeUser, text: string, thread?: string): FakeMessage;
  keep(data: Buffer): string;
}

export function createWorld(now: () => number): World {
  const space = (id: string, displayName: string, spaceType: FakeSpace['spaceType']): FakeSpace => ({
    name: `spaces/${id}`,
    displayName,
    spaceType,
    spaceThreadingState: spaceType === 'SPACE' ? 'THREADED_MESSAGES' : 'UNTHREADED_MESSAGES',
  });
  const family = space('AAQAfamily01', 'Family', 'GROUP_CHAT');
  const team = space('AAQAteam_-02', 'Team', 'SPACE');
  const direct = space('direct00001', '', 'DIRECT_MESSAGE');
  const messages: FakeMessage[] = [];
  const media = new Map<string, Buffer>();
  let count = 0;
  return {
    isApproved: false,
    app: { name: 'users/112233', displayName: 'Wharfie Bot', type: 'BOT' },
    ada: { name: 'users/445566', displayName: 'Ada', type: 'HUMAN' },
    bob: { name: 'users/778899', displayName: 'Bob', type: 'HUMAN' },
    family,
    team,
    direct,
    spaces: new Map([family, team, direct].map((one) => [one.name, one])),
    messages,
    media,
    add(where, sender, text, thread) {
      count += 1;
      const id = `m${count}_x`;
      const root = thread?.split('/').at(-1) ?? id;
      const message = {
        name: `${where.name}/messages/${root}.${id}`,
        space: where,
        sender,
        createTime: new Date(now()).toISOString(),
        text,
        thread: { name: `${where.name}/threads/${root}` },
      };
      messages.push(message);
      return message;
    },
    keep(data) {
      count += 1;
      const name = `ClxzcGFjZXMvQUFB+${count}/attachments=`;
      media.set(name, data);
      return name;
    },
  };
}

/** The buttons of the cards of a message, with what a click on each gives. */
export function buttonsOf({ cardsV2 = [] }: FakeMessage): FakeButton[] {
  const found: FakeButton[] = [];
  JSON.stringify(cardsV2, (_, value) => {
    if (value?.onClick?.action) found.push({ text: value.text, ...value.onClick.action });
    return value;
  });
  return found;
}

export interface FakeButton {
  text: string;
  function: string;
  parameters: { key: string; value: string }[];
}
