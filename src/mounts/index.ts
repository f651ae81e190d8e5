import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Paths } from '../config.js';
import { listAgentGroups } from '../db/central/agent-groups.js';
import type { CentralDb } from '../db/central/index.js';
import type { AgentGroup } from '../db/types.js';
import { folderIdentity } from '../engine/shared/folder-identity.js';
import type { Mount } from '../engine/types.js';
import type { WharfieError } from '../errors.js';
import { type Allowlist, allowlistFile, MountError, readAllowlist, realPath } from './allowlist.js';
import { blockedBy, isWithin } from './blocked.js';

export {
  type Allowlist,
  allowlistFile,
  MountError,
  parseAllowlist,
  readAllowlist,
  writeAllowlist,
} from './allowlist.js';

const EXTRA = '/workspace/extra';

export interface MountRules {
  allowlist: Allowlist;
  /** Never mounted, nor anything that contains them: the installation's state, the folder of the allow-list. */
  forbidden: readonly string[];
  /** The user's home folder, which as a whole is never mounted. */
  home: string;
  /**
   * Folders that an agent may write. What lies below one is never mounted: the agent can put a link to anywhere in its
   * place between the check and the start.
   */
  writable: readonly string[];
}

/** The rules of this user (`home`: the home folder) and this installation as they are now. */
export function mountRules(home: string, paths: Paths, writable: readonly string[]): MountRules {
  const file = allowlistFile(home);
  const forbidden = [paths.data, paths.groups, dirname(file)];
  return { allowlist: readAllowlist(file), forbidden, home, writable };
}

/**
 * Every folder that an agent group has for writing; `except`: the group with this folder is about to get others. Also
 * what the allow-list gives read-only by now: a container that was started before still writes it.
 */
export function writableFolders(db: CentralDb, except?: string): string[] {
  const wishes = listAgentGroups(db).flatMap((group) =>
    group.folder === except ? [] : group.containerConfig.mounts,
  );
  return wishes.filter(({ readOnly }) => !readOnly).map(({ path }) => path);
}

/** Whether this folder lies below one that an agent may write. */
export function liesInWritable({ writable, home }: MountRules, source: string): string | undefined {
  return writable.find((path) =>
    [path, realPath(path, home) ?? path].some((root) => source !== root && isWithin(source, root)),
  );
}

/**
 * The folder of the host that this wish stands for, links resolved, and whether it may be written: only where the wish
 * and the allow-list both say so. Throws `mount-not-allowed` or `mount-missing`.
 */
export function checkMount(
  rules: MountRules,
  wish: { path: string; readOnly: boolean },
): { source: string; readOnly: boolean } {
  const source = realPath(wish.path, rules.home);
  if (source === null || !statSync(source).isDirectory()) {
    throw new MountError(
      'mount-missing',
      `There is no folder ${JSON.stringify(wish.path)} on this machine.`,
      'Give the absolute path of a folder that exists.',
    );
  }
  const why = refusalOf(rules, source);
  if (why !== null) throw notAllowed(source, why);
  const roots = rules.allowlist.allow.filter((root) => {
    const real = realPath(root.path, rules.home);
    return real !== null && isWithin(source, real);
  });
  if (roots.length === 0) throw notAllowed(source, 'it is not below a folder of the allow-list');
  const mayWrite = roots.some((root) => !root.readOnly);
  return { source, readOnly: wish.readOnly || !mayWrite };
}

function refusalOf(rules: MountRules, source: string): string | null {
  const name = blockedBy(source, rules.allowlist.blocked);
  if (name !== null) return `it lies in or is named ${name}, which holds secrets`;
  if (isWithin(rules.home, source)) return 'it contains your whole home folder';
  const writable = liesInWritable(rules, source);
  if (writable !== undefined) return `it lies in ${writable}, which an agent may write`;
  const inside = rules.forbidden.find((path) => isWithin(path, source) || isWithin(source, path));
  return inside === undefined ? null : `${inside} must not be seen by an agent`;
}

function notAllowed(source: string, why: string): MountError {
  return new MountError(
    'mount-not-allowed',
    `${source} is not mounted: ${why}.`,
    'See and change what is allowed: ./wharfie mounts --help',
  );
}

/**
 * For the container runner: what an agent group may see of the host below `/workspace/extra/`, checked anew at each
 * start. A folder that is not allowed any more is left out and reported; the agent works on without it.
 */
export function createExtraMounts(deps: {
  rules: () => MountRules;
  onRefused(agentGroup: AgentGroup, problem: WharfieError): void;
}): (agentGroup: AgentGroup) => Mount[] {
  return (agentGroup) => {
    const wishes = agentGroup.containerConfig.mounts;
    if (wishes.length === 0) return [];
    const taken = new Set<string>();
    return wishes.flatMap((wish) => {
      try {
        const { source, readOnly } = checkMount(deps.rules(), wish);
        const target = `${EXTRA}/${freeName(basename(source), taken)}`;
        return [{ source, target, readOnly, identity: folderIdentity(source) }];
      } catch (error) {
        if (!(error instanceof MountError)) throw error;
        deps.onRefused(agentGroup, error);
        return [];
      }
    });
  };
}

/** A name for the folder in the container that no other mount has. */
function freeName(wanted: string, taken: Set<string>): string {
  const plain = wanted.replace(/[^\w.-]/g, '_').replace(/^\.+/, '_') || 'folder';
  let name = plain;
  for (let n = 2; taken.has(name); n += 1) name = `${plain}-${n}`;
  taken.add(name);
  return name;
}
