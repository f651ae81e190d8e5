import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { codeOf } from '../../src/errors.js';
import type { StepContext } from '../lib/step.js';
import { detectKind } from './detect.js';
import { type ServiceFolders, type ServiceManager, serviceFolders, serviceManager } from './manager.js';
import { runnerOf } from './runner.js';
import type { ServiceKind } from './types.js';
import { unitOf } from './unit.js';

export interface NamedService {
  name: string;
  manager: ServiceManager;
}

export interface ServicesFound {
  services: NamedService[];
  kind: ServiceKind;
  folders: ServiceFolders;
  uid: number;
}

/** Every service that starts this installation, whatever it was named. */
export async function servicesHere(context: StepContext): Promise<NamedService[]> {
  return (await findServices(context)).services;
}

/** The same, and where it was looked. */
export async function findServices(context: StepContext): Promise<ServicesFound> {
  const uid = process.getuid?.() ?? 0;
  const kind = await detectKind({ platform: process.platform, uid }, runnerOf(context));
  const folders = serviceFolders(context.env, context.env.HOME || homedir());
  const called = (name: string) => serviceManager(kind, unitOf(context, name), { folders, uid });
  const folder = dirname(called('wharfie').file);
  const services = namesIn(folder).flatMap(({ file, name }) => {
    const manager = called(name);
    if (manager.file !== join(folder, file)) return [];
    const home = manager.homeOf(readFileSync(manager.file, 'utf8'));
    return home !== null && sameFolder(home, context.home) ? [{ name, manager }] : [];
  });
  return { services, kind, folders, uid };
}

function namesIn(folder: string): { file: string; name: string }[] {
  try {
    return readdirSync(folder).flatMap((file) => {
      const [, name] = /^(?:dev\.wharfie\.)?([a-z][a-z0-9-]{0,40})\.(?:service|plist|sh)$/.exec(file) ?? [];
      return name === undefined ? [] : [{ file, name }];
    });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

function sameFolder(a: string, b: string): boolean {
  try {
    return realpathSync(a) === realpathSync(b);
  } catch {
    return a === b;
  }
}
