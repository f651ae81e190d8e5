import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { normalizePlatformId } from '../../src/channels/catalog.js';
import type { Config } from '../../src/config.js';
import { getAgentGroupByFolder, getMainAgentGroup, listAgentGroups } from '../../src/db/agent-groups.js';
import type { CentralDb } from '../../src/db/central.js';
import { listDropped } from '../../src/db/dropped-messages.js';
import { listMessagingGroups } from '../../src/db/messaging-groups.js';
import { listMemberships } from '../../src/db/users.js';
import {
  danglingWirings,
  deleteWiring,
  listWiredAgents,
  listWiringsOfAgentGroup,
} from '../../src/db/wirings.js';
import { WharfieError } from '../../src/errors.js';
import { checkMount, mountRules } from '../../src/mounts.js';
import { prepareAgentFolder } from '../../src/registration/agent-folder.js';
import { registerCommand } from '../../src/registration/command.js';
import type { WiringFacts } from './wiring.js';

const DAY_MS = 86_400_000;

export function gatherWiring(
  db: CentralDb,
  config: Config,
  { now, enabledChannels, only }: { now: number; enabledChannels: number; only: string | undefined },
): WiringFacts {
  const groupsDir = config.paths.groups;
  const chats = listMessagingGroups(db).filter(
    (chat) => only === undefined || chat.channelType === only || chat.channelType === 'cli',
  );
  const wired = chats
    .filter((chat) => chat.wired)
    .map((chat) => ({ chat, agents: listWiredAgents(db, chat.id) }));
  const agentGroups = listAgentGroups(db);
  const dropped = new Set(
    listDropped(db, now - DAY_MS).flatMap((row) => (row.reason === 'unwired' ? [row.platformId] : [])),
  );
  return {
    chats: wired.map(({ chat, agents }) => ({
      platformId: chat.platformId,
      channelType: chat.channelType,
      normalized: normalized(chat),
      providers: agents.usable.map(({ agentGroup }) => agentGroup.agentProvider),
    })),
    bad: wired.flatMap(({ agents }) => agents.bad.map((problem) => problem.message)),
    dangling: danglingWirings(db).length,
    agentGroups: agentGroups.map(({ id, folder }) => ({
      folder,
      chats: listWiringsOfAgentGroup(db, id).length,
      folderExists: existsSync(join(groupsDir, folder)),
    })),
    mounts: agentGroups.flatMap((group) =>
      group.containerConfig.mounts.flatMap((wish) => refusal(config, wish)),
    ),
    hasMain: getMainAgentGroup(db) !== undefined,
    hasOwner: listMemberships(db).some((member) => member.role === 'owner'),
    enabledChannels,
    unwired: chats
      .filter((chat) => !chat.wired && dropped.has(chat.platformId))
      .map((chat) => ({ platformId: chat.platformId, name: chat.name, register: registerCommand(db, chat) })),
    repairDangling() {
      for (const id of danglingWirings(db)) deleteWiring(db, id);
    },
    repairFolder(folder) {
      const group = getAgentGroupByFolder(db, folder);
      if (group) prepareAgentFolder(groupsDir, group);
    },
  };
}

function normalized({ channelType, platformId }: { channelType: string; platformId: string }): string | null {
  try {
    return normalizePlatformId(channelType, platformId);
  } catch (error) {
    if (error instanceof WharfieError) return null;
    throw error;
  }
}

function refusal(
  config: Config,
  wish: { path: string; readOnly: boolean },
): { message: string; fix: string }[] {
  try {
    checkMount(mountRules(homedir(), config.paths), wish);
    return [];
  } catch (error) {
    if (error instanceof WharfieError) return [{ message: error.message, fix: error.fix }];
    throw error;
  }
}
