/** A call of everybody, in Slack's own form. */
const BROADCAST = /<!(channel|here|everyone)(?:\|[^>]*)?>/gi;
const GROUP = /<!subteam\^\w+(?:\|@?([^>]*))?>/gi;

/** Slack reads Markdown itself (`markdown_text`). On an agent's word nobody calls a whole channel. */
export function renderSlackMarkdown(markdown: string): string {
  return markdown.replace(BROADCAST, '@$1').replace(GROUP, (_, name?: string) => `@${name || 'group'}`);
}

/** A text that Slack shows as it stands. */
export function escapeSlackText(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** What Slack escapes (docs.slack.dev/messaging/formatting-message-text#escaping). */
export function unescaped(text: string): string {
  return text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');
}
