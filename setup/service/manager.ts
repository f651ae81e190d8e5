import { join } from 'node:path';
import { homeOfAgent, launchdAgent, launchdLabel } from './launchd.js';
import { homeOfUnit, systemdUnit } from './systemd.js';
import { quoteForShell, type ServiceKind, type ServiceUnit } from './types.js';
import { homeOfWrapper, wrapperScript } from './wrapper.js';

/** A program and its arguments. */
export type Command = readonly [string, ...string[]];

/** One way to keep the host running: where its file lies, what is in it, and what makes it so. */
export interface ServiceManager {
  kind: ServiceKind;
  file: string;
  mode: number;
  text: string;
  /** The installation that such a file starts, or null. */
  homeOf(text: string): string | null;
  /** Starts what the file says, also where an earlier one runs. */
  start: Command[];
  /** Ends it, before the file is removed. */
  stop: Command[];
  /** Ends it for a while, and takes it up again: it stays installed. */
  pause: Command[];
  resume: Command[];
  /** Ends with 0 while it runs. */
  active: Command;
  /** After the file was removed. */
  afterRemoval: Command[];
  /** Tried, and no matter if it fails. */
  alsoTry: Command[];
  /** How a person sees its output. */
  logs: string;
  /** What a person has to know of it. */
  note?: string;
}

/** Where files of services lie for this user; tests have their own. */
export interface ServiceFolders {
  /** Of systemd's user manager. */
  userUnits: string;
  systemUnits: string;
  launchAgents: string;
}

export function serviceFolders(env: NodeJS.ProcessEnv, userHome: string): ServiceFolders {
  return {
    userUnits: join(env.XDG_CONFIG_HOME || join(userHome, '.config'), 'systemd', 'user'),
    systemUnits: '/etc/systemd/system',
    launchAgents: join(userHome, 'Library', 'LaunchAgents'),
  };
}

export function serviceManager(
  kind: ServiceKind,
  unit: ServiceUnit,
  { folders, uid }: { folders: ServiceFolders; uid: number },
): ServiceManager {
  if (kind === 'launchd') return launchd(unit, folders, uid);
  if (kind === 'wrapper') return wrapper(unit);
  return systemd(kind, unit, folders);
}

function systemd(
  kind: 'systemd-user' | 'systemd-system',
  unit: ServiceUnit,
  folders: ServiceFolders,
): ServiceManager {
  const system = kind === 'systemd-system';
  const scope = system ? [] : ['--user'];
  const name = `${unit.name}.service`;
  const control = (...args: string[]): Command => ['systemctl', ...scope, ...args];
  return {
    kind,
    file: join(system ? folders.systemUnits : folders.userUnits, name),
    mode: 0o644,
    text: systemdUnit(unit, system),
    homeOf: homeOfUnit,
    start: [control('daemon-reload'), control('enable', name), control('restart', name)],
    stop: [control('disable', '--now', name)],
    pause: [control('stop', name)],
    resume: [control('start', name)],
    active: control('is-active', name),
    afterRemoval: [control('daemon-reload')],
    // Else the user's services end when the last session of the user does.
    alsoTry: system ? [] : [['loginctl', 'enable-linger']],
    logs: `journalctl ${system ? '' : '--user '}-u ${name} -e`,
  };
}

function launchd(unit: ServiceUnit, folders: ServiceFolders, uid: number): ServiceManager {
  const label = launchdLabel(unit.name);
  const file = join(folders.launchAgents, `${label}.plist`);
  return {
    kind: 'launchd',
    file,
    mode: 0o644,
    text: launchdAgent(unit),
    homeOf: homeOfAgent,
    start: [
      ['launchctl', 'bootstrap', `gui/${uid}`, file],
      ['launchctl', 'kickstart', '-k', `gui/${uid}/${label}`],
    ],
    stop: [['launchctl', 'bootout', `gui/${uid}/${label}`]],
    pause: [['launchctl', 'bootout', `gui/${uid}/${label}`]],
    resume: [['launchctl', 'bootstrap', `gui/${uid}`, file]],
    active: ['launchctl', 'print', `gui/${uid}/${label}`],
    afterRemoval: [],
    alsoTry: [],
    logs: `tail -f ${quoteForShell(join(unit.home, 'data', 'logs', 'service.log'))}`,
  };
}

function wrapper(unit: ServiceUnit): ServiceManager {
  const file = join(unit.home, 'data', `${unit.name}.sh`);
  return {
    kind: 'wrapper',
    file,
    mode: 0o755,
    text: wrapperScript(unit),
    homeOf: homeOfWrapper,
    start: [['sh', file, 'restart']],
    stop: [['sh', file, 'stop']],
    pause: [['sh', file, 'stop']],
    resume: [['sh', file, 'start']],
    active: ['sh', file, 'status'],
    afterRemoval: [],
    alsoTry: [],
    logs: `tail -f ${quoteForShell(join(unit.home, 'data', 'logs', 'service.log'))}`,
    note: `It does not start with the machine by itself: crontab -e, and a line "@reboot ${quoteForShell(file)} start".`,
  };
}
