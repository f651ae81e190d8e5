import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { agentFolder, shownFolder } from '../../src/agent-folders/index.js';
import { misplacedOf } from '../../src/agent-folders/obstacle.js';
import { channelOf, counterpartOf, normalizePlatformId } from '../../src/channels/catalog/index.js';
import type { Config } from '../../src/config.js';
import { getAgentGroupByFolder, hasMainAgentGroup } from '../../src/db/central/agent-groups.js';
import { mendAgentGroup, sortAgentGroups } from '../../src/db/central/bad-rows.js';
import { listDropped } from '../../src/db/central/dropped-messages.js';
import type { CentralDb } from '../../src/db/central/index.js';
import { listMessagingGroups } from '../../src/db/central/messaging-groups.js';
import { listMemberships } from '../../src/db/central/users.js';
import {
  danglingWirings,
  deleteWiring,
  listWiredAgents,
  listWiredFolders,
} from '../../src/db/central/wirings.js';
import type { AgentGroup, MessagingGroup } from '../../src/db/types.js';
import { isTooWide } from '../../src/egress/suffixes.js';
import { WharfieError } from '../../src/errors.js';
import { checkMount, mountRules, writableFolders } from '../../src/mounts/index.js';
import { prepareAgentFolder } from '../../src/people/registration/agent-folder.js';
import { quoted, registerAgainCommand, registerCommand } from '../../src/people/registration/command.js';
import type { WiringFacts } from './wiring.js';

const DAY_MS = 86_400_000;

export function gatherWiring(
  db: CentralDb,
  config: Config,
  { now, enabledChannels, only }: { now: number; enabledChannels: number; only: string | undefined },
): WiringFacts {
  const { paths } = config;
  const chats = listMessagingGroups(db).filter(
    (chat) => only === undefined || chat.channelType === only || chat.channelType === 'cli',
  );
  const wired = chats
    .filter((chat) => chat.wired)
    .map((chat) => ({ chat, agents: listWiredAgents(db, chat.id) }));
  const { usable: agentGroups, bad: badGroups } = sortAgentGroups(db);
  const leadsTo = new Map<string, number>();
  for (const chat of listMessagingGroups(db)) {
    for (const { folder } of listWiredFolders(db, chat.id))
      leadsTo.set(folder, (leadsTo.get(folder) ?? 0) + 1);
  }
  const dropped = new Set(
    listDropped(db, now - DAY_MS).flatMap((row) => (row.reason === 'unwired' ? [row.platformId] : [])),
  );
  // With a row that cannot be read nobody knows; that row is a finding itself.
  const writable = badGroups.length > 0 ? [] : writableFolders(db);
  return {
    chats: wired.map(({ chat, agents }) => ({
      platformId: chat.platformId,
      channelType: chat.channelType,
      normalized: normalized(chat),
      providers: agents.usable.map(({ agentGroup }) => agentGroup.agentProvider),
    })),
    bad: wired.flatMap(({ chat, agents }) => (agents.bad.length > 0 ? badWirings(db, chat) : [])),
    badGroups: badGroups.map(({ folder, message }) => ({ folder, message })),
    dangling: danglingWirings(db).length,
    agentGroups: agentGroups.map((group) => ({
      folder: group.folder,
      chats: leadsTo.get(group.folder) ?? 0,
      isMain: group.isAdmin,
      files: shownFolder(group),
      folderExists: existsSync(agentFolder(paths, group)),
    })),
    misplaced: agentGroups.flatMap((group) => misplacedOf(paths, group) ?? []),
    mounts: agentGroups.flatMap((group) =>
      group.containerConfig.mounts.flatMap((wish) => refusal(config, writable, group, wish)),
    ),
    wideLists: agentGroups.flatMap(({ folder, containerConfig: { egress } }) => {
      const list = typeof egress === 'string' ? [] : egress;
      const [wide, kept] = [list.filter(isTooWide), list.filter((entry) => !isTooWide(entry))];
      return wide.length > 0 ? [{ folder, wide, kept }] : [];
    }),
    hasMain: hasMainAgentGroup(db),
    mainFix: mainFix(db),
    ownerFix: ownerFix(db),
    hasOwner: listMemberships(db).some((member) => member.role === 'owner'),
    enabledChannels,
    unwired: chats
      .filter((chat) => !chat.wired && dropped.has(chat.platformId))
      .map((chat) => ({ platformId: chat.platformId, name: chat.name, register: registerCommand(db, chat) })),
    repairDangling() {
      for (const id of danglingWirings(db)) deleteWiring(db, id);
    },
    repairId(platformId) {
      for (const chat of listMessagingGroups(db).filter((one) => one.platformId === platformId)) {
        for (const { wiringId } of listWiredFolders(db, chat.id)) deleteWiring(db, wiringId);
      }
    },
    repairGroup(folder) {
      const found = sortAgentGroups(db).bad.find((group) => group.folder === folder);
      if (found) mendAgentGroup(db, found.id);
    },
    repairFolder(folder) {
      const group = getAgentGroupByFolder(db, folder);
      if (group) prepareAgentFolder(paths, group);
    },
  };
}

const platformChats = (db: CentralDb) =>
  listMessagingGroups(db)
    .filter((chat) => chat.wired && chat.channelType !== 'cli')
    // Notices belong where one person reads them.
    .sort((a, b) => Number(a.isGroup) - Number(b.isGroup));

function mainFix(db: CentralDb): string | null {
  const [chat] = platformChats(db);
  const [first] = chat ? listWiredFolders(db, chat.id) : [];
  return chat && first ? `${registerAgainCommand(chat, first.folder)} --is-main` : null;
}

function ownerFix(db: CentralDb): string | null {
  const [person] = platformChats(db).flatMap(
    (chat) => (chat.isGroup ? null : counterpartOf(chat.channelType, chat.platformId)) ?? [],
  );
  const [known, another] = listMemberships(db).filter(
    ({ role, userId }) => role !== 'blocked' && channelOf(userId) !== 'cli',
  );
  const owner = person ?? (another ? undefined : known?.userId);
  return owner === undefined ? null : `./wharfie members --add ${quoted(owner)} --role owner`;
}

/** Its wirings that cannot be used, but for those whose agent group is the cause. */
function badWirings(db: CentralDb, chat: MessagingGroup): WiringFacts['bad'] {
  const folders = listWiredFolders(db, chat.id).map(({ folder }) => folder);
  const fine = new Set([
    ...listWiredAgents(db, chat.id).usable.map(({ agentGroup }) => agentGroup.folder),
    ...sortAgentGroups(db).bad.map(({ folder }) => folder),
  ]);
  return folders
    .filter((folder) => !fine.has(folder))
    .map((folder) => ({ platformId: chat.platformId, folder, fix: registerAgainCommand(chat, folder) }));
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
  writable: readonly string[],
  { folder, containerConfig: { mounts } }: AgentGroup,
  wish: { path: string; readOnly: boolean },
): { message: string; fix: string }[] {
  try {
    checkMount(mountRules(homedir(), config.paths, writable), wish);
    return [];
  } catch (error) {
    if (!(error instanceof WharfieError)) throw error;
    const { code, message } = error;
    if (code === 'allowlist-invalid') return [{ message, fix: error.fix }];
    const kept = mounts.filter((one) => one !== wish);
    const flags = kept.map(({ path, readOnly }) => `--mount ${quoted(`${path}${readOnly ? '' : ':rw'}`)}`);
    const without = `./wharfie group --folder ${quoted(folder)} ${flags.join(' ') || '--mount none'}`;
    const instead = code === 'mount-missing' ? `mkdir -p ${quoted(wish.path)}` : './wharfie mounts';
    return [{ message: `${message} ${folder} goes without it.`, fix: `${without} (or keep it: ${instead})` }];
  }
}
