import { quoted } from '../../src/people/registration/command.js';
import { shownName } from '../../src/shown-name.js';
import type { Finding, Problem } from './types.js';

export interface WiringFacts {
  /** Wired chats, the terminal too. */
  chats: {
    platformId: string;
    channelType: string;
    /** The form that the catalog gives this id; null: it is none of that channel. */
    normalized: string | null;
    providers: string[];
  }[];
  /** Wirings whose rules cannot be read, each with the command that writes them anew. */
  bad: { platformId: string; folder: string; fix: string }[];
  /** Agent groups whose settings cannot be read. */
  badGroups?: { folder: string; message: string }[];
  /** Rows that lead to a chat or an agent group that is not there. */
  dangling: number;
  /** `files`: where its folder lies. */
  agentGroups: { folder: string; chats: number; isMain?: boolean; files: string; folderExists: boolean }[];
  /** Folders of agent groups that lie where versions before kept them. */
  misplaced: Problem[];
  /** Folders that an agent group wants and does not get, a sentence each with its cure. */
  mounts: { message: string; fix: string }[];
  /** Lists that anybody can get a name onto, an agent group's each. */
  wideLists: { folder: string; wide: string[]; kept: string[] }[];
  hasMain: boolean;
  /** Makes the agent group of a wired chat the main one; null: no chat of a platform is wired. */
  mainFix?: string | null;
  hasOwner: boolean;
  /** Makes somebody owner, where it is known who is at the other end of a chat. */
  ownerFix?: string | null;
  /** Channels that the barrel enables. */
  enabledChannels: number;
  /** Chats that spoke in the last day and that nobody is wired to. */
  unwired: { platformId: string; name: string; register: string }[];
  repairDangling(): void;
  repairFolder(folder: string): void;
  repairGroup?(folder: string): void;
  repairId?(platformId: string): void;
}

const REGISTER = './wharfie groups --list (each chat comes with its register command)';

const THEN_REGISTER = ' (which takes that wiring away; then register the right one: ./wharfie groups --list)';
const PAIR_MAIN = './wharfie pair --channel <type> --folder <folder> --name "<name>" --is-main';

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
    const fix = './wharfie verify --fix';
    found.push({ ...error('wiring-dangling', message, fix), repair: facts.repairDangling });
  }
  for (const { platformId, folder, fix } of facts.bad) {
    const message = `The rules by which ${folder} answers in ${platformId} cannot be read: nobody answers there.`;
    found.push(error('wiring-unusable', message, fix));
  }
  for (const { folder, message } of facts.badGroups ?? []) {
    const fix = './wharfie verify --fix (each setting that cannot be read goes back to its default)';
    found.push({
      ...error('agent-group-unusable', `${message} Its chats are not answered.`, fix),
      repair: () => facts.repairGroup?.(folder),
    });
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
        './wharfie credentials --provider static (in a terminal of your own; the host takes it up when it is started anew)',
      ),
    );
  }
  for (const chat of platform) {
    if (chat.providers.includes('mock')) {
      const fix = `./wharfie unregister --platform-id ${quoted(chat.platformId)} (then register it with another folder)`;
      found.push(error('mock-on-platform', `${chat.platformId} is wired to the mock.`, fix));
    }
    if (chat.normalized !== chat.platformId) {
      const message = `${chat.platformId} is not how ${chat.channelType} calls a chat: nothing that arrives matches it.`;
      const fix = `./wharfie verify --fix${THEN_REGISTER}`;
      found.push({
        ...error('platform-id-wrong', message, fix),
        repair: () => facts.repairId?.(chat.platformId),
      });
    }
  }
  for (const group of facts.agentGroups) {
    if (group.chats === 0 && group.isMain && platform.length > 0) {
      const message = `${group.folder} is the main group and has no chat: notices and approvals reach nobody.`;
      const fix = facts.mainFix ?? PAIR_MAIN;
      found.push(warning('main-group-unwired', message, fix));
    } else if (group.chats === 0) {
      const fix = `./wharfie pair --channel <type> --folder ${group.folder} --name "<name>" (or leave it: it costs nothing)`;
      found.push(warning('agent-group-unwired', `No chat leads to the agent group ${group.folder}.`, fix));
    } else if (!group.folderExists) {
      const fix = './wharfie verify --fix';
      const message = `${group.files} is not there: the agent starts without its CLAUDE.md.`;
      found.push({
        ...warning('group-folder-missing', message, fix),
        repair: () => facts.repairFolder(group.folder),
      });
    }
  }
  for (const { code, message, fix } of facts.misplaced) found.push(warning(code, message, fix));
  for (const { message, fix } of facts.mounts) found.push(warning('mount-refused', message, fix));
  for (const { folder, wide, kept } of facts.wideLists) {
    const message = `Anybody can register a name that ${wide.join(', ')} on the list of ${folder} allows: nothing is let through by it.`;
    const egress = kept.length > 0 ? `list:${kept.join(',')}` : 'model';
    const fix = `./wharfie group --folder ${folder} --egress ${egress}`;
    found.push(warning('egress-too-wide', message, fix));
  }
  if (platform.length > 0 && !facts.hasMain) {
    const message = 'No group is the main one: notices and approvals have no chat.';
    found.push(warning('no-main-group', message, facts.mainFix ?? PAIR_MAIN));
  }
  if (platform.length > 0 && !facts.hasOwner) {
    const fix =
      facts.ownerFix ??
      './wharfie members --list (it shows who has spoken), then ./wharfie members --add <user id> --role owner';
    found.push(warning('no-owner', 'Nobody owns this installation.', fix));
  }
  for (const { platformId, name, register } of facts.unwired) {
    found.push(
      warning(
        'chat-not-wired',
        `${JSON.stringify(shownName(name))} (${platformId}) spoke, and nobody is wired to it.`,
        register,
      ),
    );
  }
  return found;
}
