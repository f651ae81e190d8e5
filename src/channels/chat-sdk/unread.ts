import type { Adapter, FormattedContent } from 'chat';

/** What an adapter makes of a text that came in. */
export type ReadText = (text: string) => FormattedContent;

/** A text as it stands, in the shape of one that was read: nobody has looked at its marks. */
export function unread(text: string): FormattedContent {
  if (text === '') return { type: 'root', children: [] };
  return { type: 'root', children: [{ type: 'paragraph', children: [{ type: 'text', value: text }] }] };
}

/**
 * Keeps the Markdown parser from what strangers write. The Chat SDK's adapters give it each message at once, before
 * anybody knows whose it is; its time grows with the square of the marks, and its stack with the depth of the quotes:
 * one message of two thousand `>` would stop all chats for seconds, or throw. The bridge hands on the text, and
 * needs no tree. A channel that does need one says how it reads (`ChatSdkPlatform.readText`), within bounds.
 */
export function leaveUnread(adapter: Adapter, readText: ReadText = unread): void {
  const converter: unknown = Reflect.get(adapter, 'formatConverter');
  // An adapter of our own makes its messages without one.
  if (typeof converter !== 'object' || converter === null) return;
  Object.assign(converter, {
    toAst: readText,
    // Of the adapters' own it is the text of the tree, which some channels are given in the place of the text.
    extractPlainText: (text: string) => text,
  });
}
