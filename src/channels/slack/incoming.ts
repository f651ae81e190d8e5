import { slackMrkdwnToMarkdown, unescapeSlackText } from '@chat-adapter/slack/format';

/** No message that somebody wrote to be read has more links, mentions and words in code than this. */
const MOST_TOKENS = 500;
/** Each `<` and each tick is followed to its end, which may be that of the text. */
export function isOvertokened(...texts: string[]): boolean {
  let tokens = 0;
  for (const text of texts) tokens += text.match(/[<`]/g)?.length ?? 0;
  return tokens > MOST_TOKENS;
}

/** Slack's markup as Markdown; a text of nothing but tokens stays as it is. */
export function markdownOf(mrkdwn: string): string {
  return isOvertokened(mrkdwn) ? unescapeSlackText(mrkdwn) : slackMrkdwnToMarkdown(mrkdwn);
}
