import type { Finding, Problem } from './types.js';

export interface InstallationFacts {
  /** Packages that `node_modules` has in another version than the lock file, or not at all. */
  differing: { name: string; wanted: string; found: string | null }[];
  /** Mode of `.env`, or null where there is none. */
  envMode: number | null;
  /** Why the database cannot be used; `database-missing` where there is none. */
  database: Problem | null;
  /** An update or a restore that was cut off. */
  unfinished: Problem | null;
  /** Why `src/channels/index.ts` cannot be read. */
  barrel: Problem | null;
  /** Why the agent image cannot be used; null: it can, or there is no engine to ask. */
  image: Problem | null;
  needsImage: boolean;
  /** The service of this name belongs to another installation, or is broken. */
  service: Problem | null;
  hostRunning: boolean;
  /** Chats on platforms that are wired: nobody answers them while no host runs. */
  platformChats: number;
  repairEnvMode(): void;
}

const NAMES_SHOWN = 3;

export function judgeInstallation(facts: InstallationFacts): Finding[] {
  const layer = 'installation';
  const found: Finding[] = [];
  const { differing, envMode } = facts;
  if (differing.length > 0) {
    const shown = differing.slice(0, NAMES_SHOWN).map((one) => `${one.name} ${one.found ?? 'missing'}`);
    const more = differing.length > NAMES_SHOWN ? ` and ${differing.length - NAMES_SHOWN} more` : '';
    const message = `node_modules differs from package-lock.json: ${shown.join(', ')}${more}.`;
    found.push({ id: 'packages-differ', layer, severity: 'error', message, fix: 'npm ci' });
  }
  if (envMode !== null && (envMode & 0o077) !== 0) {
    const message = '.env can be read by other users of this machine.';
    const fix = 'chmod 600 .env';
    found.push({ id: 'env-readable', layer, severity: 'warning', message, fix, repair: facts.repairEnvMode });
  }
  const blocking = [facts.database, facts.barrel, facts.unfinished].map((problem) => ({
    problem,
    severity: 'error' as const,
  }));
  for (const { problem, severity } of [
    ...blocking,
    { problem: facts.service, severity: 'warning' as const },
  ]) {
    if (problem)
      found.push({ id: problem.code, layer, severity, message: problem.message, fix: problem.fix });
  }
  if (facts.image) {
    const { code, message, fix } = facts.image;
    found.push({ id: code, layer, severity: facts.needsImage ? 'error' : 'warning', message, fix });
  }
  if (!facts.hostRunning && facts.platformChats > 0) {
    const message = 'No host runs: nobody reads the chats that are wired.';
    const fix = './wharfie service (or npm start in a terminal)';
    found.push({ id: 'host-not-running', layer, severity: 'error', message, fix });
  }
  return found;
}
