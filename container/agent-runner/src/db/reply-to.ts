import { z } from 'zod';
import { type Attachment, parseContent } from '../content.ts';
import type { Inbound, InboundMessage } from './messages-in.ts';
import type { OutboundMessage, Outbox } from './messages-out.ts';

const seqSchema = z.object({ seq: z.number() });
const keySchema = z.object({ key: z.string() });
const answeredSchema = z.object({
  seq: z.number(),
  status: z.string(),
  trigger: z.number(),
  kind: z.enum(['chat', 'task', 'system']),
  sender: z.string(),
  content: z.string(),
});

/** Turns a platform's message id into the number that the agent knows: somebody's message or one of its own. */
export function createSeqOf(inbound: Inbound, outbox: Outbox) {
  return (message: InboundMessage, platformMessageId: string): number | null => {
    const { channelType, platformId } = message.address;
    const [row] = inbound.rows('seqOf', seqSchema, channelType, platformId, platformMessageId);
    return row?.seq ?? ownMessage(inbound, outbox, message, platformMessageId)?.seq ?? null;
  };
}

/** Words of a message that the session has, to be shown as a quote. */
export interface Recalled {
  text: string;
  from: string;
  attachments: Attachment[];
}

const LONGEST_TEXT = 4000;
const MOST_FILES = 10;

/**
 * The words of a message that this session has and this conversation was never shown: they were said before the last
 * `/new`, or fell out of the context before anybody called the agent. Null: it was shown, or is not known.
 */
export function createRecall(inbound: Inbound, outbox: Outbox) {
  const isBeforeNew = (seq: number, message: InboundMessage) =>
    inbound.rows('newBetween', seqSchema, seq, message.seq).length > 0;

  return (message: InboundMessage, platformMessageId: string): Recalled | null => {
    const { channelType, platformId } = message.address;
    const [row] = inbound.rows('answered', answeredSchema, channelType, platformId, platformMessageId);
    if (row) {
      const { kind, seq } = row;
      if (kind !== 'chat' || !(wasTrimmed(row) || isBeforeNew(seq, message))) return null;
      return wordsOf(row.content, row.sender);
    }
    const own = ownMessage(inbound, outbox, message, platformMessageId);
    if (!own || !isBeforeNew(own.seq, message)) return null;
    const { text, question, fallbackText } = own.content;
    return {
      text: cut(String(text || question || fallbackText || '[a file]')),
      from: 'you',
      attachments: [],
    };
  };
}

/** The host ends context that nobody was shown as failed; what was shown ends as done. */
const wasTrimmed = ({ status, trigger }: z.infer<typeof answeredSchema>) =>
  status === 'failed' && trigger === 0;

function wordsOf(content: string, sender: string): Recalled | null {
  const body = parseContent('chat', content, sender);
  if (body.kind !== 'chat') return null;
  const { text, forwarded, attachments } = body.content;
  const said = [text, forwarded?.text ?? ''].filter((part) => part !== '').join('\n');
  return { text: cut(said), from: body.sender.name, attachments: attachments.slice(0, MOST_FILES) };
}

const cut = (text: string) => (text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)} …` : text);

/** Ids of a platform may be unique within a chat only: what was said in another one is not meant. */
function ownMessage(
  inbound: Inbound,
  outbox: Outbox,
  { address: { channelType, platformId } }: InboundMessage,
  platformMessageId: string,
): OutboundMessage | null {
  for (const { key } of inbound.rows('deliveredKeys', keySchema, platformMessageId)) {
    const own = key.startsWith('out:') ? outbox.byId(key.slice('out:'.length)) : null;
    if (own?.address.channelType === channelType && own.address.platformId === platformId) return own;
  }
  return null;
}
