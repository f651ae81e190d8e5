import { homedir } from 'node:os';
import { join } from 'node:path';
import { agentFolder } from '../../src/agent-folders/index.js';
import type { Config } from '../../src/config.js';
import { sortAgentGroups } from '../../src/db/central/bad-rows.js';
import type { CentralDb } from '../../src/db/central/index.js';
import { listMessagingGroups } from '../../src/db/central/messaging-groups.js';
import { listWiredAgents } from '../../src/db/central/wirings.js';
import type { AgentGroup, MessagingGroup } from '../../src/db/types.js';
import { plantedIn } from '../../src/files/planted.js';
import { absolutePath, realPath } from '../../src/mounts/allowlist.js';
import { isWithin } from '../../src/mounts/blocked.js';
import { knownOnlyCommand, quoted } from '../../src/people/registration/command.js';
import { readAllTasks } from '../../src/tasks/all.js';
import { limitsOf, spanWords } from '../../src/tasks/bounds.js';
import { tooShortGap } from '../../src/tasks/pace.js';
import { type Recurrence, RecurrenceError } from '../../src/tasks/slots.js';
import type { RiskFacts, TasksFound } from './risks.js';

export async function gatherRisks(db: CentralDb, config: Config, now: number): Promise<RiskFacts> {
  const agentGroups = sortAgentGroups(db).usable;
  const folderOf = (agentGroup: AgentGroup) => agentFolder(config.paths, agentGroup);
  const main = agentGroups.find((one) => one.isAdmin);
  const planted = await Promise.all(
    agentGroups.map(async (agentGroup) => {
      const folder = folderOf(agentGroup);
      return (await plantedIn(folder)).map((path) => removal(agentGroup, folder, path));
    }),
  );
  return {
    openOnPrivate: openOnPrivate(db),
    webOnMain: main?.containerConfig.egress === 'web' ? main.folder : null,
    mountsInside: mountsInside(agentGroups, folderOf),
    planted: planted.flat(),
    tasks: tasksOf(db, config, agentGroups, now),
  };
}

function openOnPrivate(db: CentralDb): RiskFacts['openOnPrivate'] {
  const wired = listMessagingGroups(db)
    .filter((chat) => chat.wired)
    .flatMap((chat) => listWiredAgents(db, chat.id).usable.map(({ agentGroup }) => ({ chat, agentGroup })));
  return wired
    .filter(({ chat }) => isOpen(chat))
    .flatMap(({ chat, agentGroup }) => {
      const others = wired.filter((one) => one.agentGroup.id === agentGroup.id && one.chat.id !== chat.id);
      const besides = others.find((one) => agentGroup.isAdmin || !isOpen(one.chat));
      if (!besides) return [];
      const { folder } = agentGroup;
      const fix = knownOnlyCommand(chat, folder);
      return [{ platformId: chat.platformId, folder, besides: besides.chat.platformId, fix }];
    });
}

/** Whoever writes there is heard. At the other end of a direct chat, and of the terminal, there is one person. */
const isOpen = ({ isGroup, unknownSenderPolicy }: MessagingGroup) =>
  isGroup && unknownSenderPolicy === 'open';

function mountsInside(
  agentGroups: readonly AgentGroup[],
  folderOf: (agentGroup: AgentGroup) => string,
): RiskFacts['mountsInside'] {
  const home = homedir();
  // As it is written and as it is now: a link in a folder that can be written may have been turned already.
  const spellings = (path: string) =>
    [...new Set([absolutePath(path, home), realPath(path, home)])].filter(isText);
  const writable = agentGroups.flatMap((agentGroup) => [
    ...spellings(folderOf(agentGroup)).map((path) => ({ path, writer: agentGroup.folder })),
    ...agentGroup.containerConfig.mounts
      .filter((mount) => !mount.readOnly)
      .flatMap((mount) => spellings(mount.path).map((path) => ({ path, writer: agentGroup.folder }))),
  ]);
  return agentGroups.flatMap((agentGroup) => {
    const { mounts } = agentGroup.containerConfig;
    const inside = mounts.flatMap((mount) => {
      const found = spellings(mount.path).flatMap(
        (path) => writable.find((one) => one.path !== path && isWithin(path, one.path)) ?? [],
      );
      return found[0] ? [{ mount, ...found[0] }] : [];
    });
    const kept = mounts.filter((mount) => !inside.some((one) => one.mount === mount));
    const flags = kept.map(({ path, readOnly }) => `--mount ${quoted(`${path}${readOnly ? '' : ':rw'}`)}`);
    const fix = `./wharfie group --folder "${agentGroup.folder}" ${flags.join(' ') || '--mount none'}`;
    return inside.map(({ mount, path, writer }) => ({
      ...{ folder: agentGroup.folder, path: mount.path, writable: path, writer, fix },
    }));
  });
}

const isText = (value: string | null): value is string => value !== null;

/** The path is the agent's own words: in a command it stands only where it is plain. */
function removal({ folder }: AgentGroup, root: string, path: string): RiskFacts['planted'][number] {
  const plain = /^[\w./ @+-]+$/.test(path);
  const shown = plain ? path : JSON.stringify(path.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?').slice(0, 100));
  const fix = plain
    ? `rm -rf -- ${quoted(join(root, path))}`
    : `Remove it by hand: its name, below ${root}, is not fit for a command.`;
  return { folder, path: shown, fix };
}

function tasksOf(
  db: CentralDb,
  { paths, timeZone }: Config,
  agentGroups: readonly AgentGroup[],
  now: number,
): TasksFound[] {
  return readAllTasks(db, paths, agentGroups).groups.map(({ agentGroup, tasks }) => {
    const { folder, most, intervalMs } = limitsOf(agentGroup);
    const active = tasks.filter((task) => task.state !== 'paused');
    const tooOften = active.flatMap(({ id, recurrence }) =>
      recurrence !== null && runsTooOften({ pattern: recurrence, timeZone }, intervalMs, now)
        ? [{ id, recurrence }]
        : [],
    );
    return { folder, active: active.length, most, interval: spanWords(intervalMs), tooOften };
  });
}

function runsTooOften(recurrence: Recurrence, intervalMs: number, now: number): boolean {
  try {
    return tooShortGap(recurrence, intervalMs, now) !== null;
  } catch (error) {
    // One of yesterday that cannot be read any more ends by itself.
    if (error instanceof RecurrenceError) return false;
    throw error;
  }
}
