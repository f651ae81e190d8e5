/** What exists in the fake Teams, and what has happened in it. */
export interface FakeConversation {
  id: string;
  conversationType: 'personal' | 'groupChat' | 'channel';
  name?: string;
}

export interface FakeUser {
  id: string;
  name: string;
  aadObjectId?: string;
}

export interface FakeMessage {
  id: string;
  conversation: FakeConversation;
  /** In a channel: the message that began the thread. */
  thread: string;
  from: FakeUser;
  text: string;
  textFormat: string;
  attachments: FakeAttachment[];
  entities: unknown[];
  reactions: string[];
}

export interface FakeAttachment {
  contentType: string;
  contentUrl?: string;
  name?: string;
  content?: unknown;
}

export interface World {
  readonly appId: string;
  readonly tenantId: string;
  readonly bot: FakeUser;
  readonly ada: FakeUser;
  readonly bob: FakeUser;
  readonly family: FakeConversation;
  readonly direct: FakeConversation;
  readonly general: FakeConversation;
  /** The team that the channel is in. */
  readonly team: { id: string; name: string };
  readonly conversations: Map<string, FakeConversation>;
  readonly messages: FakeMessage[];
  readonly files: Map<string, Buffer>;
  add(message: Omit<FakeMessage, 'id' | 'thread' | 'reactions'> & { thread?: string }): FakeMessage;
}

export function createWorld(now: () => number): World {
  const appId = '0c7a41d2-9f35-4b8e-a6d1-3e5b7c902f14';
  const family: FakeConversation = {
    id: '19:fam_0ily@thread.v2',
    conversationType: 'groupChat',
    name: 'Family',
  };
  const direct: FakeConversation = { id: 'a:1direct_-Ada', conversationType: 'personal' };
  const general: FakeConversation = { id: '19:gen0eral@thread.tacv2', conversationType: 'channel' };
  const messages: FakeMessage[] = [];
  let count = 0;
  return {
    appId,
    tenantId: '5d1c8f60-72ab-4e39-b0c4-a19e6d83f527',
    bot: { id: `28:${appId}`, name: 'Wharfie Bot' },
    ada: { id: '29:1ada-xyz', name: 'Ada', aadObjectId: '8b2f4c1e-0a7d-4e56-9c38-d1f0e7b6a542' },
    bob: { id: '29:1bob-xyz', name: 'Bob' },
    family,
    direct,
    general,
    team: { id: '19:gen0eral@thread.tacv2', name: 'Crew' },
    conversations: new Map([family, direct, general].map((one) => [one.id, one])),
    messages,
    files: new Map(),
    add({ thread, ...fields }) {
      count += 1;
      const id = String(now() + count);
      const isChannel = fields.conversation.conversationType === 'channel';
      const message = { ...fields, id, thread: isChannel ? thread || id : '', reactions: [] };
      messages.push(message);
      return message;
    },
  };
}

export interface FakeButton {
  title: string;
  data: { actionId: string; value?: string };
}

/** The buttons of the cards of a message, with what a click on each gives. */
export function buttonsOf({ attachments }: FakeMessage): FakeButton[] {
  const found: FakeButton[] = [];
  JSON.stringify(attachments, (_, value) => {
    if (value?.type === 'Action.Submit') found.push(value);
    return value;
  });
  return found;
}
