import { basename, dirname } from 'node:path';
import { sleep } from '../../src/clock.js';
import { type CommandResult, runCommand } from '../lib/run-command.js';
import type { StepContext } from '../lib/step.js';
import { BackupError } from './manifest.js';

const LONGEST_MS = 3_600_000;
const TRIES = 3;
const AGAIN_MS = 500;

/**
 * Packs what is in a tree that containers write into; the tree itself may be a link that its owner made. tar follows no
 * other, keeps holes, owners and names that are no text, and packs a file with two names once, so that what comes out gives
 * nobody a right that they did not have. Returns how many things it could not take (sockets, what is closed to us). A file
 * that changed meanwhile makes it begin again.
 */
export async function packTree(context: StepContext, tree: string, archive: string): Promise<number> {
  const args = ['--create', '--gzip', '--sparse', '--numeric-owner', '--ignore-failed-read'];
  const from = ['--directory', dirname(tree), `./${basename(tree)}/.`];
  for (let left = TRIES; ; left -= 1) {
    let skipped = 0;
    const { code, tail } = await tar(context, [...args, '--file', archive, ...from], () => {
      skipped += 1;
    });
    // 1: some file was not the same at its end as at its beginning.
    if (code === 0) return skipped;
    if (code !== 1 || left <= 1) throw failed(tree, code, tail);
    await sleep(context.clock, AGAIN_MS);
  }
}

/** Unpacks into `folder`, which is empty and ours. */
export async function unpackTree(context: StepContext, archive: string, folder: string): Promise<void> {
  const args = ['--extract', '--gzip', '--sparse', '--numeric-owner', '--preserve-permissions'];
  const { code, tail } = await tar(context, [...args, '--file', archive, '--directory', folder]);
  if (code !== 0) throw failed(archive, code, tail);
}

function tar(context: StepContext, args: string[], onLine: () => void = () => {}): Promise<CommandResult> {
  const { env, clock, detail, home } = context;
  return runCommand('tar', args, {
    cwd: home,
    env: { PATH: env.PATH, LC_ALL: 'C' },
    clock,
    timeoutMs: LONGEST_MS,
    onLine(line) {
      detail(line);
      onLine();
    },
  });
}

function failed(what: string, code: number | null, tail: string[]): BackupError {
  const why = tail.slice(-2).join(' ').slice(0, 300);
  if (code === null && /ENOENT/.test(why)) {
    return new BackupError(
      'tar-missing',
      'There is no tar on this machine.',
      'Install tar, then run it again.',
    );
  }
  const full = /No space left/.test(tail.join(' '));
  return new BackupError(
    full ? 'enospc' : 'archive-failed',
    `${basename(what)} could not be ${full ? 'kept: the disk is full' : `packed or unpacked: ${why}`}.`,
    full
      ? 'Free some disk space, then run the step again.'
      : 'See the end of logs/setup.log, then run it again.',
  );
}
