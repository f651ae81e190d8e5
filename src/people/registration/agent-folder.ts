import {
  chmodSync,
  closeSync,
  fchownSync,
  lchownSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { agentFolder, type FolderRoots } from '../../agent-folders/index.js';
import { codeRoot } from '../../config.js';
import { assistantNameOf } from '../../db/central/agent-groups.js';
import type { AgentGroup } from '../../db/types.js';
import { codeOf } from '../../errors.js';

const TEMPLATE = join(codeRoot, 'src', 'people', 'registration', 'templates', 'agent-instructions.md');

/** Who an agent is inside its container where the host is root (docs/security.md#the-user). */
const AGENT_ID = 1000;

/**
 * Makes the agent group's folder with the CLAUDE.md that every conversation of this agent group begins with. One that is
 * there is the agent's own and stays as it is. Returns whether it was made now.
 */
export function prepareAgentFolder(roots: FolderRoots, agentGroup: AgentGroup): boolean {
  const folder = agentFolder(roots, agentGroup);
  // For the agent alone: what it remembers is for no other user of the machine. One that is there stays as it is.
  const made = mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (made !== undefined && made !== folder) chmodSync(dirname(folder), 0o711);
  if (made !== undefined && process.geteuid?.() === 0) lchownSync(folder, AGENT_ID, AGENT_ID);
  const text = readFileSync(TEMPLATE, 'utf8').replaceAll('{{name}}', () => assistantNameOf(agentGroup));
  try {
    // Exclusive: neither a file nor a link that the agent put there is written through.
    writeNew(join(folder, 'CLAUDE.md'), text);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function writeNew(file: string, text: string): void {
  const handle = openSync(file, 'wx', 0o644);
  try {
    writeSync(handle, text);
    if (process.geteuid?.() === 0) fchownSync(handle, AGENT_ID, AGENT_ID);
  } finally {
    closeSync(handle);
  }
}
