import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { codeRoot } from '../../../src/config.js';

/** A copy of the sources in which these channels are enabled, with the packages of them all. */
export function cloneWithChannels(types: readonly string[]): { root: string; remove(): void } {
  const root = mkdtempSync(path.join(tmpdir(), 'wb-clone-'));
  for (const part of ['src', 'container', 'package.json', 'tsconfig.json']) {
    const filter = (source: string) => !source.includes('node_modules');
    cpSync(path.join(codeRoot, part), path.join(root, part), { recursive: true, filter });
  }
  const modules = path.join(root, 'node_modules');
  // The root's first: of what both have there is then one copy, as in an installation.
  for (const from of [codeRoot, path.join(codeRoot, 'test', 'channels')]) {
    link(path.join(from, 'node_modules'), modules);
  }
  const barrel = path.join(root, 'src', 'channels', 'index.ts');
  const lines = readFileSync(barrel, 'utf8').split('\n');
  const enabled = lines.map((line) => {
    const type = /'\.\/([\w-]+)\.js'/.exec(line)?.[1];
    if (type === undefined) return line;
    const bare = line.replace(/^\/\/\s*/, '');
    return types.includes(type) ? bare : `// ${bare}`;
  });
  writeFileSync(barrel, enabled.join('\n'));
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}

function link(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    if (name.startsWith('@')) link(path.join(from, name), path.join(to, name));
    else if (!existsSync(path.join(to, name))) symlinkSync(path.join(from, name), path.join(to, name));
  }
}
