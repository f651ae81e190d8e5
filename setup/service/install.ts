import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { codeOf, WharfieError } from '../../src/errors.js';
import { replaceFile } from '../../src/files/replace.js';
import type { Runner } from './detect.js';
import type { ServiceManager } from './manager.js';
import { quoteForShell } from './types.js';

/** Codes: `service-name-taken`, `service-foreign-file`, `unit-invalid`, `service-command-failed`. */
class ServiceError extends WharfieError {}

/** Writes the file and starts the service. False: it was so before, and was only started anew. */
export async function installService(manager: ServiceManager, home: string, run: Runner): Promise<boolean> {
  const before = present(manager, home);
  await proveUnit(manager, run);
  const changed = before !== manager.text;
  if (changed) {
    mkdirSync(dirname(manager.file), { recursive: true });
    replaceFile(manager.file, manager.text, manager.mode);
    chmodSync(manager.file, manager.mode);
  }
  for (const command of manager.alsoTry) await run(command);
  // launchd refuses to load what is loaded.
  if (manager.kind === 'launchd') for (const command of manager.stop) await run(command);
  for (const command of manager.start) await must(run, command);
  return changed;
}

/** Ends the service and removes its file. False: there was none. */
export async function removeService(manager: ServiceManager, home: string, run: Runner): Promise<boolean> {
  if (present(manager, home) === null) return false;
  for (const command of manager.stop) await must(run, command);
  rmSync(manager.file, { force: true });
  for (const command of manager.afterRemoval) await must(run, command);
  return true;
}

/** The file that is there now, or null. Throws where it belongs to somebody else. */
export function present(manager: ServiceManager, home: string): string | null {
  const text = readIfThere(manager.file);
  if (text === null) return null;
  const other = manager.homeOf(text);
  if (other === null) {
    throw new ServiceError(
      'service-foreign-file',
      `${manager.file} is not a file that this step has written.`,
      './wharfie service --name wharfie-2 (another name for this installation)',
    );
  }
  if (real(other) === real(home)) return text;
  throw new ServiceError(
    'service-name-taken',
    `The service ${basename(manager.file)} belongs to another installation, in ${other}.`,
    `./wharfie service --name wharfie-2 (another name for this one; or remove that one from its own folder: ${quoteForShell(join(other, 'wharfie'))} service --uninstall)`,
  );
}

/** Has systemd itself read the unit before it comes into force, where it can be asked. */
export async function proveUnit(manager: ServiceManager, run: Runner): Promise<'valid' | 'not-checked'> {
  if (!manager.kind.startsWith('systemd')) return 'not-checked';
  const folder = mkdtempSync(join(tmpdir(), 'wharfie-unit-'));
  try {
    const file = join(folder, basename(manager.file));
    writeFileSync(file, manager.text);
    // The user's manager cannot be asked without a session; the grammar is the same.
    const { code, tail } = await run(['systemd-analyze', 'verify', '--man=no', file]);
    if (code === null) return 'not-checked';
    const complaints = tail.filter((line) => line.includes(basename(file)));
    if (complaints.length === 0) return 'valid';
    throw new ServiceError(
      'unit-invalid',
      `systemd does not accept the unit: ${complaints.join(' ').slice(0, 500)}`,
      'Move the installation to a folder with a plain name, or start it by hand: npm start -- --service',
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function must(run: Runner, command: ServiceManager['start'][number]): Promise<void> {
  const { code, tail } = await run(command);
  if (code === 0) return;
  throw new ServiceError(
    'service-command-failed',
    `${command.join(' ')} failed: ${tail.slice(-3).join(' ').slice(0, 500) || 'it could not be started'}`,
    'Run that command by hand to see more; npm start -- --service runs the host without a service manager.',
  );
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function real(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
