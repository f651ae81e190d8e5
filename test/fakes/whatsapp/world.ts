/** What exists in the fake WhatsApp, and what was said in it (developers.facebook.com/docs/whatsapp/cloud-api). */
export interface FakePerson {
  wa_id: string;
  name: string;
  /** Has written within the last 24 hours. */
  windowOpen: boolean;
  /** Has WhatsApp at all. */
  reachable: boolean;
}

export interface FakeMedia {
  id: string;
  name: string;
  mimeType: string;
  data: Buffer;
}

/** What the business has said. */
export interface FakeSent {
  id: string;
  to: string;
  type: string;
  text: string;
  media: FakeMedia | null;
  replyTo: string | null;
  /** Ids and titles of its buttons, or of the rows of its list. */
  choices: { id: string; title: string; description?: string | undefined }[];
  /** Told as not delivered. */
  failed: boolean;
}

export interface World {
  readonly phoneNumberId: string;
  readonly ada: FakePerson;
  readonly ben: FakePerson;
  readonly people: readonly FakePerson[];
  readonly sent: FakeSent[];
  readonly media: Map<string, FakeMedia>;
  /** Emoji that the business put under a message. */
  readonly reactions: Map<string, string>;
  /** Ids of the messages that typing was shown about. */
  readonly typing: string[];
  nextId(prefix: string): string;
  keep(media: Omit<FakeMedia, 'id'>): FakeMedia;
}

/** One number of a business and two people. */
export function createWorld(): World {
  let count = 0;
  const nextId = (prefix: string) => {
    count += 1;
    return `${prefix}${String(count).padStart(8, '0')}`;
  };
  const ada = { wa_id: '491701234567', name: 'Ada', windowOpen: true, reachable: true };
  const ben = { wa_id: '15551230002', name: 'Ben', windowOpen: true, reachable: true };
  const media = new Map<string, FakeMedia>();
  return {
    phoneNumberId: '106540352242922',
    ada,
    ben,
    people: [ada, ben],
    sent: [],
    media,
    reactions: new Map(),
    typing: [],
    nextId,
    keep(file) {
      const kept = { ...file, id: nextId('9') };
      media.set(kept.id, kept);
      return kept;
    },
  };
}
