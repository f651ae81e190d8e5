import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { HostAbout } from '../../src/channels/cli/protocol.js';
import { type Config, settingsOf } from '../../src/config.js';
import type { EnvValues } from '../../src/env-file.js';
import type { Finding } from './types.js';

export interface HostFacts {
  /** Null: it does not say. */
  about: HostAbout | null;
  /** A source of the host that was changed after it was started; null: none was. */
  newer: string | null;
  /** Settings of `.env` that are not in force. */
  notInForce: { name: string; wanted: string; found: string }[];
  /** How it is started anew. */
  restart: string;
}

export function gatherHost(
  about: HostAbout | null,
  known: { root: string; config: Config; env: EnvValues; restart: string },
): HostFacts {
  return {
    about,
    newer: about && newestSource(known.root, about.startedAt),
    notInForce: about ? differing(about, known.config, known.env) : [],
    restart: known.restart,
  };
}

function differing({ settings, fromEnvironment }: HostAbout, config: Config, env: EnvValues) {
  const wanted = settingsOf(config);
  return Object.entries(wanted).flatMap(([name, value]) => {
    const found = settings[name];
    // Where .env says nothing the default may differ between a terminal and a service.
    const told = env[name] || name !== 'TZ';
    if (found === undefined || found === value || fromEnvironment.includes(name) || !told) return [];
    return [{ name, wanted: value, found }];
  });
}

/** The barrel is left out: of each channel the host says itself whether it has it. */
const LEFT_OUT = join('src', 'channels', 'index.ts');

function newestSource(root: string, startedAt: number): string | null {
  const folders = ['src'];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    if (!existsSync(join(root, folder))) continue;
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (path !== LEFT_OUT && isNewer(join(root, path), startedAt)) return path;
    }
  }
  return null;
}

/** A start takes a moment, in which what was written just before is read. */
const START_MS = 2000;

function isNewer(file: string, startedAt: number): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  return found?.isFile() === true && found.mtimeMs > startedAt + START_MS;
}

export function judgeHost({ about, newer, notInForce, restart }: HostFacts): Finding[] {
  const warning = (id: string, message: string): Finding => ({
    ...{ id, layer: 'installation', severity: 'warning', message, fix: restart },
    restart: true,
  });
  if (!about) {
    return [warning('host-older', 'The host that runs is of a version before this checkout.')];
  }
  const found: Finding[] = [];
  if (newer !== null) {
    const message = `The host that runs was started before ${newer} was changed: it is older than this checkout.`;
    found.push(warning('host-older', message));
  }
  for (const { name, wanted, found: inForce } of notInForce) {
    const message = `.env says ${name}=${wanted}, and the host that runs still has ${inForce || 'none'}.`;
    found.push(warning('setting-not-in-force', message));
  }
  return found;
}
