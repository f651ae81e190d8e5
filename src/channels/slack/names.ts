import { momentOf } from './blocks.js';
import { isOvertokened, markdownOf } from './incoming.js';
import { escapeSlackText } from './markdown.js';

export interface NameSource {
  /** As the workspace shows it; null where Slack does not tell. */
  person(id: string): Promise<string | null>;
  channel(id: string): Promise<string | null>;
}

/** Names that are not in the text are asked for, mostly of a cache: of that many ids in one message. */
const MOST_ASKED = 20;

/** docs.slack.dev/messaging/formatting-message-text: people, channels, groups, broadcasts, moments, addresses. */
const TOKEN = /<([@#!])([^<>|]{1,200})(?:\|([^<>]{0,500}))?>/g;
const ADDRESS = /<(mailto|tel):([^<>|]{1,500})(?:\|([^<>]{0,500}))?>/g;

/** Slack's markup as Markdown, with names in the place of ids. An id whose name is not known stays. */
export async function readable(mrkdwn: string, source: NameSource): Promise<string> {
  if (isOvertokened(mrkdwn)) return markdownOf(mrkdwn);
  const names = await namesIn(mrkdwn, source);
  const told = mrkdwn
    .replace(TOKEN, (_, sign: string, what: string, label = '') => {
      if (sign === '!') return special(what, label);
      const name = label.replace(/^[@#]/, '') || escapeSlackText(names.get(sign + what) ?? what);
      return sign + name;
    })
    .replace(ADDRESS, (_, _kind, address: string, label = '') =>
      label === '' || label === address ? address : `${label} (${address})`,
    );
  return markdownOf(told);
}

async function namesIn(mrkdwn: string, source: NameSource): Promise<Map<string, string>> {
  const ids = new Set<string>();
  for (const [, sign = '', what = '', label = ''] of mrkdwn.matchAll(TOKEN)) {
    if (sign !== '!' && label === '' && /^[A-Z0-9]+$/.test(what)) ids.add(sign + what);
  }
  const found = await Promise.all(
    [...ids].slice(0, MOST_ASKED).map(async (key) => {
      const ask = key.startsWith('@') ? source.person : source.channel;
      return [key, await ask(key.slice(1)).catch(() => null)] as const;
    }),
  );
  return new Map(found.flatMap(([key, name]) => (name ? [[key, name] as const] : [])));
}

/** `<!here>`, `<!subteam^S1|@crew>`, `<!date^1392734382^{date}|February 18th>`. */
function special(what: string, label: string): string {
  const [kind = '', second = ''] = what.split('^');
  if (kind === 'date') return label || momentOf(second);
  if (kind === 'subteam') return label ? `@${label.replace(/^@/, '')}` : `@${second}`;
  return label || `@${kind}`;
}
