import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { register } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { codeRoot } from '../../../src/config.js';
import type { ChannelFixture } from '../../../test/channels/contract.js';
import { NotHere } from './figure.js';

const folder = path.join(codeRoot, 'test', 'channels');

/** Every channel that the contract suite knows: a new one joins by itself. */
export async function loadFixtures(): Promise<ChannelFixture[]> {
  if (!existsSync(path.join(folder, 'node_modules'))) await install();
  register('./channel-packages.mjs', import.meta.url);
  // By their text: the other files of that folder belong to the test runner and cannot be loaded without it.
  const files = readdirSync(folder).filter(
    (name) =>
      name.endsWith('.ts') && /: ChannelFixture = /.test(readFileSync(path.join(folder, name), 'utf8')),
  );
  const fixtures: ChannelFixture[] = [];
  for (const file of files) {
    const module: Record<string, unknown> = await import(pathToFileURL(path.join(folder, file)).href);
    fixtures.push(...Object.values(module).filter(isFixture));
  }
  return fixtures;
}

/** By its shape: what else these files export is functions. */
function isFixture(value: unknown): value is ChannelFixture {
  return typeof value === 'object' && value !== null && 'channelType' in value && 'open' in value;
}

async function install(): Promise<void> {
  try {
    await promisify(execFile)('npm', ['ci', '--prefix', folder, '--ignore-scripts']);
  } catch {
    throw new NotHere('the packages of the channels cannot be installed (npm ci --prefix test/channels)');
  }
}
