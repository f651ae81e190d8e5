import { getAgentGroupByFolder } from '../../db/central/agent-groups.js';
import type { CentralDb } from '../../db/central/index.js';
import { shortHash } from '../../ids.js';
import { normalized } from '../../normalized.js';
import { shownName } from '../../shown-name.js';

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
  return `./wharfie register ${flags.join(' ')}`;
}

/** The command that registers a chat again for the agent group that it has, and changes nothing else. */
export function registerAgainCommand(chat: SeenChat, folder: string): string {
  const name = plainName(chat.name) || chat.platformId;
  return `./wharfie register --platform-id ${quoted(chat.platformId)} --name ${quoted(name)} --folder ${quoted(folder)}`;
}

/** The command that has a chat that is wired already hear nobody whom the operator has not let in. */
export function knownOnlyCommand(chat: SeenChat, folder: string): string {
  return `${registerAgainCommand(chat, folder)} --unknown-senders known`;
}

/** A folder that no agent group has: chats with equal names must not share an agent by accident. */
export function suggestFolder(db: CentralDb, chat: SeenChat): string {
  const slug = normalized(chat.name, 'NFKD')
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
  return shownName(name.replace(/["$`\\!]/g, ''));
}

/** For a shell: nothing in it can end the quotes, and nothing is expanded in them. */
export function quoted(value: string): string {
  // An exclamation mark is expanded in double quotes, and nothing is in single ones.
  if (value.includes('!')) return `'${value.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '').replace(/'/g, "'\\''")}'`;
  return `"${value.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '').replace(/["$`\\]/g, '\\$&')}"`;
}
