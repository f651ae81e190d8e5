import { addressOf } from '../address.js';
import type { InboundAttachment, InboundEvent, ThreadRoot } from '../channels/adapter.js';
import type { ChatContent, StoredAttachment, StoredSender } from '../db/content.js';
import type { NewMessage } from '../db/inbound/messages-in.js';
import { cutText } from './text.js';
import type { EngagedWiring, Intake } from './types.js';

const MAX_TEXT = 200_000;
/** Newest rows of silent context that a chat keeps in a session. */
export const MAX_CONTEXT = 50;

/** Of what is not said but pointed at. */
const MAX_QUOTED = 20_000;
const MAX_NAME = 200;

export interface Kept {
  stored: StoredAttachment[];
  problems: string[];
}

/** Everything that belongs to the event and had to be fetched. */
export interface KeptParts {
  own: Kept;
  quoted: Kept;
  /** Null: the thread has none, or the conversation knows it. */
  root: { thread: ThreadRoot; kept: Kept } | null;
  problems: string[];
}

/** The row of one session for an event. `now`: when the host took it in. */
export function messageRow(
  intake: Intake,
  target: { wiring: EngagedWiring; trigger: 0 | 1 },
  kept: KeptParts,
  now: number,
): NewMessage {
  const { event } = intake;
  const sender: StoredSender = {
    id: event.sender.id,
    name: cutText(event.sender.name, MAX_NAME),
    role: target.wiring.role,
  };
  return {
    kind: 'chat',
    trigger: target.trigger,
    address: addressOf(event),
    platformMessageId: event.messageId,
    sender,
    content: contentOf(intake, target.wiring.messagingGroup.name, kept),
    createdAt: now,
  };
}

function contentOf(intake: Intake, chat: string, { own, quoted, root, problems }: KeptParts): ChatContent {
  const { event } = intake;
  const lost: string[] = [];
  const within = (text: string, most: number, what: string): string => {
    const cut = cutText(text, most);
    if (cut !== text) lost.push(`${what} was cut after ${cut.length} characters.`);
    return cut;
  };
  const name = (text: string) => cutText(text, MAX_NAME);
  const text = within(event.text, MAX_TEXT, 'The message');
  return {
    text,
    chat,
    // Runners of before know no other.
    event: event.kind === 'reaction' || event.kind === 'click' ? event.kind : 'message',
    replyTo: isChange(event) ? null : event.replyTo,
    ...(isChange(event) && event.replyTo !== null ? { change: { kind: event.kind, of: event.replyTo } } : {}),
    ...(event.quoted
      ? {
          quoted: {
            text: within(event.quoted.text, MAX_QUOTED, 'The message that it answers'),
            from: name(event.quoted.from),
            messageId: event.quoted.messageId,
            partial: event.quoted.partial,
            attachments: quoted.stored,
          },
        }
      : {}),
    ...(event.forwarded
      ? {
          forwarded: {
            text: within(event.forwarded.text, MAX_TEXT, 'The forwarded message'),
            from: name(event.forwarded.from),
            at: event.forwarded.at,
          },
        }
      : {}),
    ...(event.subject
      ? {
          subject: {
            ...event.subject,
            title: event.subject.title === null ? null : cutText(event.subject.title, 500),
            text:
              event.subject.text === null
                ? null
                : within(event.subject.text, MAX_QUOTED, 'The text that it is about'),
          },
        }
      : {}),
    ...(root
      ? {
          root: {
            text: within(root.thread.text, MAX_QUOTED, 'The first message of the thread'),
            from: name(root.thread.from),
            attachments: root.kept.stored,
          },
        }
      : {}),
    ...(event.album === undefined
      ? {}
      : { album: { id: event.album, parts: [event.messageId], late: false } }),
    attachments: own.stored,
    problems: [
      ...intake.problems,
      ...lost,
      ...problems,
      ...own.problems,
      ...quoted.problems,
      ...(root?.kept.problems ?? []),
    ],
    at: event.at,
  };
}

export const isChange = <T extends Pick<InboundEvent, 'kind'>>(
  event: T,
): event is T & { kind: 'edited' | 'deleted' } => event.kind === 'edited' || event.kind === 'deleted';

/** Silent context takes no files along: nobody asked for them. */
export function withoutFiles(files: readonly InboundAttachment[]): Kept {
  const problems = files
    .slice(0, 10)
    .map((file) => `The attachment ${cutText(file.name, 100)} was not kept: nobody had called the agent.`);
  return { stored: [], problems };
}
