import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/*
 * What Claude Code is told when a session begins (`hooks` in .claude/settings.json): one line on where this installation
 * stands, and the skill that comes next. It only reads. Where it cannot tell, it says nothing.
 */
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const LONGEST_MS = 10_000;

/** A field of a status block; null: it is not there. */
const field = (/** @type {string} */ block, /** @type {string} */ name) =>
  new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? null;

async function lineNow() {
  if (!existsSync(path.join(root, 'node_modules', 'tsx'))) {
    return 'Wharfie is not installed yet: its packages are missing. Next: the skill /setup.';
  }
  const run = promisify(execFile)(path.join(root, 'wharfie'), ['status'], { timeout: LONGEST_MS });
  // The exit code tells that something is wrong; the block is printed all the same.
  const block = await run.then(
    ({ stdout }) => stdout,
    (error) => String(error.stdout ?? ''),
  );
  const chats = Number(field(block, 'WIRED'));
  const host = field(block, 'HOST');
  if (host === null || !Number.isFinite(chats)) return null;
  const platforms = (field(block, 'CHATS') ?? '').match(/"platformId":"(?!cli:)/g)?.length ?? 0;
  const found = field(block, 'FOUND');
  if (platforms === 0)
    return `Wharfie serves no chat but the terminal yet (host: ${host}). Next: the skill /setup.`;
  const state = `Wharfie serves ${platforms} ${platforms === 1 ? 'chat' : 'chats'} (host: ${host}).`;
  if (found !== null) return `${state} ${found} Next: the skill /wharfie-debug.`;
  return `${state} Next, if something does not answer: the skill /wharfie-verify.`;
}

const line = await lineNow().catch(() => null);
if (line !== null) process.stdout.write(`${line}\n`);
