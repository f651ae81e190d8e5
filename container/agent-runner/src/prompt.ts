import type { Attachment, ChatContent } from './content.ts';
import type { InboundMessage } from './db/messages-in.ts';
import type { Recalled } from './db/reply-to.ts';
import { escapeText, openTag } from './prompt/escape.ts';
import { zonedMinute } from './prompt/time.ts';

export interface PromptDeps {
  timeZone: string;
  /** The number that the agent knows a platform's message by, or null where it never saw it. */
  seqOf(message: InboundMessage, platformMessageId: string): number | null;
  /** The words of a message that has a number and that this conversation was never shown; else null. */
  recall?(message: InboundMessage, platformMessageId: string): Recalled | null;
}

/** What the agent reads: one element a message; no text of a chat can forge the frame (docs/contracts.md#the-prompt). */
export function renderPrompt(
  deps: PromptDeps,
  parts: { context?: InboundMessage[]; messages: InboundMessage[]; news?: string[] },
): string {
  const blocks: string[] = [];
  for (const text of parts.news ?? []) blocks.push(system(text));
  const context = (parts.context ?? []).map((message) => renderMessage(deps, message));
  if (context.length > 0) blocks.push(`<context>\n${context.join('\n')}\n</context>`);
  for (const message of parts.messages) blocks.push(renderMessage(deps, message));
  return blocks.join('\n');
}

/** A line of the host's or the runner's own; the one element that speaks for neither person nor chat. */
export function system(text: string): string {
  return `<system>${escapeText(text)}</system>`;
}

function renderMessage(deps: PromptDeps, message: InboundMessage): string {
  const { body } = message;
  switch (body.kind) {
    case 'bad':
      return '';
    case 'system':
      return body.content.type === 'news' ? system(body.content.text) : '';
    case 'task': {
      const attributes = {
        id: message.seq,
        series: message.seriesId,
        chat: body.content.chat || null,
        at: zonedMinute(message.createdAt, deps.timeZone),
      };
      return `${openTag('task', attributes)}${escapeText(body.content.prompt)}</task>`;
    }
    case 'chat':
      return renderChat(deps, message, body);
  }
}

function renderChat(
  deps: PromptDeps,
  message: InboundMessage,
  { content, sender }: Extract<InboundMessage['body'], { kind: 'chat' }>,
): string {
  const { change, quoted, subject, root, forwarded } = content;
  const seqOf = (id: string | null) => (id === null ? null : deps.seqOf(message, id));
  const recalled = (id: string | null) => (id === null ? null : (deps.recall?.(message, id) ?? null));
  const isShown = (id: string | null) => seqOf(id) !== null && recalled(id) === null;
  // Of what the platform gives no words of: those that the session has.
  const answered = quoted && quoted.messageId === content.replyTo ? null : recalled(content.replyTo);
  const open = openTag('message', {
    id: message.seq,
    from: `${sender.name} (${sender.id})`,
    role: sender.role,
    chat: content.chat,
    thread: message.address.threadId || null,
    at: zonedMinute(content.at, deps.timeZone),
    'reply-to': seqOf(content.replyTo),
    event: change?.kind ?? (content.event === 'message' ? null : content.event),
    edits: change?.kind === 'edited' ? seqOf(change.of) : null,
    deletes: change?.kind === 'deleted' ? seqOf(change.of) : null,
    'later-part-of': content.album?.late ? 'the album before' : null,
  });
  const above = [
    subject ? about(subject) : '',
    root ? element('thread-start', { from: root.from || null }, root.text, root.attachments) : '',
    answered ? element('quote', { from: answered.from || null }, answered.text, answered.attachments) : '',
    // A whole message that this conversation has seen is named by its number.
    quoted && (quoted.partial || !isShown(quoted.messageId))
      ? element(
          'quote',
          { from: quoted.from || null, partial: quoted.partial ? 'yes' : null },
          quoted.text,
          quoted.attachments,
        )
      : '',
  ].filter((part) => part !== '');
  const passedOn = forwarded
    ? element(
        'forwarded',
        { from: forwarded.from || null, at: dated(forwarded.at, deps.timeZone) },
        forwarded.text,
        [],
      )
    : '';
  const problems = content.problems.map((problem) => `<problem>${escapeText(problem)}</problem>`);
  const said = `${above.map((part) => `${part}\n`).join('')}${escapeText(content.text)}`;
  const below = [passedOn, ...content.attachments.map(file), ...problems].filter((part) => part !== '');
  return `${open}${[said, ...below].join('\n')}</message>`;
}

const dated = (at: number | null, timeZone: string) => (at === null ? null : zonedMinute(at, timeZone));

/** Words that are not the sender's own, with the files that belong to them. */
function element(
  name: string,
  attributes: Record<string, string | number | null>,
  text: string,
  files: readonly Attachment[],
): string {
  return `${openTag(name, attributes)}${[escapeText(text), ...files.map(file)].join('\n')}</${name}>`;
}

function about({ kind, title, url, path, line, text }: NonNullable<ChatContent['subject']>): string {
  const attributes = { kind, title, url, path, line };
  return text === null ? openTag('about', attributes, true) : element('about', attributes, text, []);
}

function file({ name, type, size, path, caption }: Attachment): string {
  return openTag('file', { name, type, size, path, caption: caption ?? null }, true);
}
