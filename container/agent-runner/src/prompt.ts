import type { InboundMessage } from './db/messages-in.ts';
import { escapeText, openTag } from './prompt/escape.ts';
import { zonedMinute } from './prompt/time.ts';

export interface PromptDeps {
  timeZone: string;
  /** The number that the agent knows a platform's message by, or null where it never saw it. */
  seqOf(message: InboundMessage, platformMessageId: string): number | null;
}

/** What the agent reads: one element a message; no text of a chat can forge the frame (2-contracts: "the prompt"). */
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
  const open = openTag('message', {
    id: message.seq,
    from: `${sender.name} (${sender.id})`,
    role: sender.role,
    chat: content.chat,
    thread: message.address.threadId || null,
    at: zonedMinute(content.at, deps.timeZone),
    'reply-to': content.replyTo === null ? null : deps.seqOf(message, content.replyTo),
    event: content.event === 'message' ? null : content.event,
  });
  const files = content.attachments.map(
    (file) =>
      `\n${openTag('file', { name: file.name, type: file.type, size: file.size, path: file.path }, true)}`,
  );
  const problems = content.problems.map((problem) => `\n<problem>${escapeText(problem)}</problem>`);
  return `${open}${escapeText(content.text)}${files.join('')}${problems.join('')}</message>`;
}
