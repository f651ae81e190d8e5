import { getAgentGroupByFolder } from '../db/agent-groups.js';
import type { CentralDb } from '../db/central.js';
import { shortHash } from '../ids.js';

/** What a chat tells of itself: hostile text, shown to an operator who will paste it into a shell. */
export interface SeenChat {
  channelType: string;
  platformId: string;
  name: string;
}

/** The command that registers a chat, ready to be pasted: nothing in it can end its quotes. */
export function registerCommand(db: CentralDb, chat: SeenChat): string {
  const name = plainName(chat.name) || chat.platformId;
  const flags = [
    `--platform-id ${quoted(chat.platformId)}`,
    `--name ${quoted(name)}`,
    `--folder ${quoted(suggestFolder(db, chat))}`,
  ];
  return `npx tsx setup/index.ts --step register -- ${flags.join(' ')}`;
}

/** A folder that no agent group has: chats with equal names must not share an agent by accident. */
export function suggestFolder(db: CentralDb, chat: SeenChat): string {
  const slug = chat.name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  const hash = shortHash(`${chat.channelType} ${chat.platformId}`, 6);
  const folder = slug === '' ? `${chat.channelType}-${hash}` : slug;
  const taken = folder === 'global' || getAgentGroupByFolder(db, folder) !== undefined;
  return taken ? `${folder}-${hash}` : folder;
}

/** Without control and formatting characters, and without what a shell takes for itself inside quotes. */
function plainName(name: string): string {
  return name
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/["$`\\!]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 100)
    .trim();
}

function quoted(value: string): string {
  return `"${value.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '').replace(/["$`\\]/g, '\\$&')}"`;
}
