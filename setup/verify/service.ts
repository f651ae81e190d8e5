import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { StepContext } from '../lib/step.js';
import type { NamedService } from '../service/here.js';
import type { Command, ServiceManager } from '../service/manager.js';
import { runnerOf } from '../service/runner.js';
import { LEAST_NODE, reachesLeast } from './machine.js';
import type { Finding } from './types.js';

/** The service that keeps the host of this installation. */
export interface ServiceFacts {
  name: string;
  /** The program that it starts. */
  program: string | null;
  /** `gone`: nothing can be started there · a version where it is a Node · null: it is no Node, or does not say. */
  node: { state: 'gone' } | { state: 'version'; version: string } | null;
  /** Whether it starts with the machine; null: its manager does not say. */
  enabled: boolean | null;
  active: boolean;
  hostRunning: boolean;
}

export async function gatherServices(
  context: StepContext,
  services: readonly NamedService[],
  hostRunning: boolean,
): Promise<ServiceFacts[]> {
  const run = runnerOf(context);
  const looked = services.map(async ({ name, manager }): Promise<ServiceFacts> => {
    const program = programIn(readFileSync(manager.file, 'utf8'));
    const enabled = enabledCommand(manager);
    return {
      ...{ name, program, hostRunning },
      node: program === null ? null : await nodeAt(program, run),
      enabled: enabled && (await run(enabled)).code === 0,
      active: (await run(manager.active)).code === 0,
    };
  });
  return Promise.all(looked);
}

async function nodeAt(program: string, run: ReturnType<typeof runnerOf>): Promise<ServiceFacts['node']> {
  if (!/^node(js)?$/.test(basename(program))) return null;
  const { code, tail } = await run([program, '--version']);
  if (code === null || code === 126 || code === 127) return { state: 'gone' };
  const version = /^v(\d+\.\d+\.\d+)/.exec(tail.at(-1) ?? '')?.[1];
  return version === undefined ? null : { state: 'version', version };
}

function enabledCommand({ kind, file }: ServiceManager): Command | null {
  if (kind !== 'systemd-system' && kind !== 'systemd-user') return null;
  const scope = kind === 'systemd-user' ? ['--user'] : [];
  return ['systemctl', ...scope, 'is-enabled', basename(file)];
}

/** The program that a unit, a property list or a wrapper starts; null: it is not told in a way that we know. */
export function programIn(text: string): string | null {
  const [, quoted, bare] = /^ExecStart=[-@:+!|]*(?:"((?:[^"\\]|\\.)*)"|(\S+))/m.exec(text) ?? [];
  const unit = (quoted ?? bare)
    ?.replace(/\\(.)/g, '$1')
    .replaceAll('%%', '%')
    .replaceAll('$$', () => '$');
  const launchd = /<key>ProgramArguments<\/key>\s*<array>\s*<string>([^<]*)<\/string>/.exec(text)?.[1];
  const wrapper = /^\s*nohup '([^']*)'/m.exec(text)?.[1];
  const found = unit ?? launchd ?? wrapper ?? null;
  return found?.startsWith('/') ? found : null;
}

export function judgeServices(services: readonly ServiceFacts[]): Finding[] {
  return services.flatMap(judgeService);
}

function judgeService({ name, program, node, enabled, active, hostRunning }: ServiceFacts): Finding[] {
  const install = `./wharfie service${name === 'wharfie' ? '' : ` --name ${name}`}`;
  // A host of a terminal holds the lock: no service starts beside it.
  const fix =
    hostRunning && !active ? `End the host in its terminal (Ctrl+C), then run: ${install}` : install;
  const warning = (id: string, message: string): Finding => ({
    ...{ id, layer: 'installation', severity: 'warning', message, fix },
  });
  if (node?.state === 'gone') {
    const message = `The service ${name} starts ${program}, where no Node is any more: after the next start of the machine nobody answers.`;
    return [warning('service-node-gone', message)];
  }
  if (node?.state === 'version' && !reachesLeast(node.version)) {
    const message = `The service ${name} starts Node ${node.version}, and ${LEAST_NODE.join('.')} or later is needed: after the next start of the machine nobody answers.`;
    return [warning('service-node-old', message)];
  }
  const found: Finding[] = [];
  if (enabled === false) {
    const message = `The service ${name} does not start with the machine: after the next start nobody answers.`;
    found.push(warning('service-not-enabled', message));
  }
  if (!active && hostRunning) {
    const message = `A host of a terminal answers in the place of the service ${name}: it ends with that terminal.`;
    found.push(warning('service-not-active', message));
  }
  return found;
}
