import type { ChannelAdapter, OutboundPart } from '../channels/adapter.js';
import type { ChatContent } from '../outbound-reader/types.js';

type FileRef = Extract<ChatContent, { text: string; files: unknown }>['files'][number];

/** A part before its files are read. */
export interface PlannedPart {
  part: OutboundPart;
  files: readonly FileRef[];
}

export interface PartContext {
  adapter: Pick<ChannelAdapter, 'splitText' | 'capabilities'>;
  /** Platform id of the message that is answered. */
  replyTo: string | null;
  /** Platform ids of the message that an edit or a reaction is about. */
  targetIds: readonly string[];
}

export type Plan = { kind: 'parts'; parts: PlannedPart[] } | { kind: 'impossible'; reason: string };

/** A flood is no answer; send a file instead. */
const MOST_PARTS = 50;

const impossible = (reason: string): Plan => ({ kind: 'impossible', reason });
const plain = (part: OutboundPart): PlannedPart => ({ part, files: [] });
const textPart = (text: string, replyTo: string | null = null): OutboundPart => ({
  type: 'text',
  text,
  files: [],
  replyTo,
});

/** Cuts something to say into what the channel sends one by one: the same content always gives the same parts. */
export function planParts(content: ChatContent, context: PartContext): Plan {
  try {
    return cut(content, context);
  } catch {
    // The next attempt would fail in the same way, and everything behind it would wait.
    return impossible('the channel could not make a message of it.');
  }
}

function cut(content: ChatContent, context: PartContext): Plan {
  if ('operation' in content) {
    return content.operation === 'edit'
      ? planEdit(content.text, context)
      : planReaction(content.emoji, context);
  }
  if ('text' in content) return planText(content.text, content.files, context);
  if (content.type === 'card') {
    const { card, fallbackText } = content;
    return { kind: 'parts', parts: [plain({ type: 'card', card, fallbackText })] };
  }
  const { questionId, title, question, options } = content;
  return { kind: 'parts', parts: [plain({ type: 'question', questionId, title, question, options })] };
}

/** The first part answers; the files go with the last. */
function planText(text: string, files: readonly FileRef[], context: PartContext): Plan {
  const texts = text.trim() === '' ? [] : context.adapter.splitText(text);
  if (texts.length === 0 && files.length > 0) texts.push('');
  if (texts.length === 0) return impossible('it is empty.');
  if (texts.length > MOST_PARTS) return impossible(`it is longer than ${MOST_PARTS} messages.`);
  const parts = texts.map((one, index) => ({
    part: textPart(one, index === 0 ? context.replyTo : null),
    files: index === texts.length - 1 ? files : [],
  }));
  return { kind: 'parts', parts };
}

/** A long message was sent in parts: each is changed, what is too many is emptied, what is new comes behind. */
function planEdit(text: string, { adapter, targetIds }: PartContext): Plan {
  const [first] = targetIds;
  if (first === undefined) return impossible('the message that it changes never arrived.');
  const texts = adapter.splitText(text);
  if (!adapter.capabilities.edits) {
    const parts = texts.map((one, index) => plain(textPart(one, index === 0 ? first : null)));
    return parts.length > 0 ? { kind: 'parts', parts } : impossible('it is empty.');
  }
  const edits = targetIds.map((messageId, index) =>
    plain({ type: 'edit', messageId, text: texts[index] ?? '…' }),
  );
  const more = texts.slice(targetIds.length).map((one) => plain(textPart(one)));
  return { kind: 'parts', parts: [...edits, ...more] };
}

function planReaction(emoji: string, { adapter, targetIds }: PartContext): Plan {
  const [first] = targetIds;
  if (!adapter.capabilities.reactions) return impossible('this platform has no reactions for bots.');
  if (first === undefined) return impossible('the message that it is about never arrived.');
  return { kind: 'parts', parts: [plain({ type: 'reaction', messageId: first, emoji })] };
}
