import type { Finding, Problem } from './types.js';

export interface MachineFacts {
  /** `20.19.0` */
  node: string;
  /** Bytes that this user may still write where `data/` lies. */
  freeBytes: number;
  dataWritable: boolean;
  /** Because its file system is mounted so: nobody's rights are the matter. */
  readOnly?: boolean;
  /** Why agents cannot use the Docker engine, or null. */
  docker: Problem | null;
  /** Some agent group needs containers. */
  needsDocker: boolean;
  /** How far the machine's clock is from the model API's, milliseconds; null: not asked. */
  clockSkewMs: number | null;
}

export const LEAST_NODE = [20, 19] as const;

/** Whether a host runs with this version of Node. */
export function reachesLeast(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
}

const MB = 1_000_000;
const LOW_BYTES = 1000 * MB;
const FULL_BYTES = 100 * MB;
/** Platforms refuse requests and signatures that are further off. */
const LONGEST_SKEW_MS = 5 * 60_000;
const HOPELESS_SKEW_MS = 24 * 3_600_000;

export function judgeMachine(facts: MachineFacts): Finding[] {
  const finding = (id: string, severity: Finding['severity'], message: string, fix: string): Finding => ({
    id,
    layer: 'machine',
    severity,
    message,
    fix,
  });
  const found: Finding[] = [];
  if (!reachesLeast(facts.node)) {
    const message = `Node ${facts.node} is too old: ${LEAST_NODE.join('.')} or later is needed.`;
    found.push(
      finding('node-too-old', 'error', message, 'Install Node 24 (https://nodejs.org), then: npm install'),
    );
  }
  if (facts.readOnly) {
    const message =
      'The file system that data/ lies in is mounted read-only, as the kernel does with a disk that fails.';
    const fix = 'sudo mount -o remount,rw "$(findmnt -n -o TARGET -T data)" (see first what sudo dmesg says)';
    found.push(finding('data-read-only', 'error', message, fix));
  } else if (!facts.dataWritable) {
    const fix = 'sudo chown -R "$(id -u)" data';
    found.push(finding('data-not-writable', 'error', 'The folder data/ cannot be written.', fix));
  }
  if (facts.freeBytes < LOW_BYTES) {
    const full = facts.freeBytes < FULL_BYTES;
    const message = `${Math.floor(facts.freeBytes / MB)} MB are free where data/ lies.`;
    const fix = 'Free some disk space, for one with: docker image prune';
    found.push(finding(full ? 'disk-full' : 'disk-low', full ? 'error' : 'warning', message, fix));
  }
  if (facts.docker) {
    const { code, message, fix } = facts.docker;
    found.push(finding(code, facts.needsDocker ? 'error' : 'warning', message, fix));
  }
  const skew = Math.abs(facts.clockSkewMs ?? 0);
  if (skew > LONGEST_SKEW_MS) {
    const message = `The machine's clock is ${Math.round(skew / 60_000)} minutes off.`;
    // Signatures, certificates and logins are refused then.
    const severity = skew > HOPELESS_SKEW_MS ? 'error' : 'warning';
    found.push(finding('clock-wrong', severity, message, 'sudo timedatectl set-ntp true'));
  }
  return found;
}
