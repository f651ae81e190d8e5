import { closeSync, fchownSync, lchownSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { assistantNameOf } from '../db/agent-groups.js';
import type { AgentGroup } from '../db/types.js';
import { codeOf } from '../errors.js';

const TEMPLATE = new URL('./templates/agent-instructions.md', import.meta.url);

/** Who an agent is inside its container where the host is root (4-security: "User"). */
const AGENT_ID = 1000;

/**
 * Makes `groups/<folder>/` with the CLAUDE.md that every conversation of this agent group begins with. One that is
 * there is the agent's own and stays as it is. Returns whether it was made now.
 */
export function prepareAgentFolder(groupsDir: string, agentGroup: AgentGroup): boolean {
  const folder = join(groupsDir, agentGroup.folder);
  // For the agent alone: what it remembers is for no other user of the machine. One that is there stays as it is.
  const made = mkdirSync(folder, { recursive: true, mode: 0o700 });
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
