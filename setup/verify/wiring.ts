import type { Finding } from './types.js';

export interface WiringFacts {
  /** Wired chats, the terminal too. */
  chats: {
    platformId: string;
    channelType: string;
    /** The form that the catalog gives this id; null: it is none of that channel. */
    normalized: string | null;
    providers: string[];
  }[];
  /** Wirings that cannot be used, a sentence each. */
  bad: string[];
  /** Rows that lead to a chat or an agent group that is not there. */
  dangling: number;
  agentGroups: { folder: string; chats: number; folderExists: boolean }[];
  /** Folders that an agent group wants and does not get, a sentence each with its cure. */
  mounts: { message: string; fix: string }[];
  hasMain: boolean;
  hasOwner: boolean;
  /** Channels that the barrel enables. */
  enabledChannels: number;
  /** Chats that spoke in the last day and that nobody is wired to. */
  unwired: { platformId: string; name: string; register: string }[];
  repairDangling(): void;
  repairFolder(folder: string): void;
}

const REGISTER = 'npx tsx setup/index.ts --step groups -- --list (each chat comes with its register command)';

export function judgeWiring(facts: WiringFacts): Finding[] {
  const layer = 'wiring';
  const error = (id: string, message: string, fix: string): Finding => ({
    id,
    layer,
    severity: 'error',
    message,
    fix,
  });
  const warning = (id: string, message: string, fix: string): Finding => ({
    ...error(id, message, fix),
    severity: 'warning',
  });
  const found: Finding[] = [];
  if (facts.dangling > 0) {
    const message = `${facts.dangling} wirings lead to a chat or an agent group that is not there.`;
    const fix = 'npx tsx setup/index.ts --step verify -- --fix';
    found.push({ ...error('wiring-dangling', message, fix), repair: facts.repairDangling });
  }
  for (const message of facts.bad) {
    found.push(
      error(
        'wiring-unusable',
        message,
        'Register the chat again: npx tsx setup/index.ts --step register -- --help',
      ),
    );
  }
  const platform = facts.chats.filter((chat) => chat.channelType !== 'cli');
  const usable = facts.chats.filter((chat) => chat.providers.length > 0);
  if (usable.length === 0) found.push(error('nothing-wired', 'No chat is wired to an agent.', REGISTER));
  else if (
    facts.enabledChannels > 0 &&
    usable.every((chat) => chat.providers.every((one) => one === 'mock'))
  ) {
    const message = 'Only the mock in the terminal would answer: it repeats what is said.';
    found.push(
      error(
        'only-mock',
        message,
        'npx tsx setup/index.ts --step credentials -- --provider static, then restart the host',
      ),
    );
  }
  for (const chat of platform) {
    if (chat.providers.includes('mock')) {
      const fix = `npx tsx setup/index.ts --step unregister -- --platform-id "${chat.platformId}", then register it with another folder`;
      found.push(error('mock-on-platform', `${chat.platformId} is wired to the mock.`, fix));
    }
    if (chat.normalized !== chat.platformId) {
      const message = `${chat.platformId} is not how ${chat.channelType} calls a chat: nothing that arrives matches it.`;
      found.push(error('platform-id-wrong', message, REGISTER));
    }
  }
  for (const group of facts.agentGroups) {
    if (group.chats === 0) {
      const fix = `Register a chat with --folder ${group.folder}, or leave it: it costs nothing.`;
      found.push(warning('agent-group-unwired', `No chat leads to the agent group ${group.folder}.`, fix));
    } else if (!group.folderExists) {
      const fix = 'npx tsx setup/index.ts --step verify -- --fix';
      const message = `groups/${group.folder} is not there: the agent starts without its CLAUDE.md.`;
      found.push({
        ...warning('group-folder-missing', message, fix),
        repair: () => facts.repairFolder(group.folder),
      });
    }
  }
  for (const { message, fix } of facts.mounts) found.push(warning('mount-refused', message, fix));
  if (platform.length > 0 && !facts.hasMain) {
    const fix = 'Run register again for the chat that is to get notices, with --is-main';
    found.push(
      warning('no-main-group', 'No group is the main one: notices and approvals have no chat.', fix),
    );
  }
  if (platform.length > 0 && !facts.hasOwner) {
    const fix = 'npx tsx setup/index.ts --step members -- --add <channel>:<user id> --role owner';
    found.push(warning('no-owner', 'Nobody owns this installation.', fix));
  }
  for (const { platformId, name, register } of facts.unwired) {
    found.push(
      warning(
        'chat-not-wired',
        `${JSON.stringify(name)} (${platformId}) spoke, and nobody is wired to it.`,
        register,
      ),
    );
  }
  return found;
}
