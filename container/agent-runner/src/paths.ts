import { accessSync, constants } from 'node:fs';
import { RunnerError, reasonOf } from './errors.ts';

/** From a path as the container sees it to one that can be opened here. */
export type PathMap = (containerPath: string) => string;

/**
 * Inside a container paths are what they are. As a plain process each mount's target is replaced by its source, the
 * longest matching target first.
 */
export function createPathMap(mounts: Record<string, string> | null): PathMap {
  if (mounts === null) return (path) => path;
  const targets = Object.entries(mounts).sort(([a], [b]) => b.length - a.length);
  return (path) => {
    for (const [target, source] of targets) {
      if (path === target) return source;
      if (path.startsWith(`${target}/`)) return source + path.slice(target.length);
    }
    return path;
  };
}

export interface RunnerPaths {
  inbound: string;
  outbound: string;
  journal: string;
  out: string;
  heartbeat: string;
  filesOut: string;
  /** The working folder of the agent. */
  agent: string;
  global: string;
  egressSocket: string;
}

export function runnerPaths(map: PathMap): RunnerPaths {
  return {
    inbound: map('/workspace/in/inbound.db'),
    outbound: map('/workspace/outbound.db'),
    journal: map('/workspace/outbound.db-journal'),
    out: map('/workspace/out'),
    heartbeat: map('/workspace/out/.heartbeat'),
    filesOut: map('/workspace/out/files'),
    agent: map('/workspace/agent'),
    global: map('/workspace/global'),
    egressSocket: map('/run/wharfie/egress.sock'),
  };
}

/**
 * Throws `not-writable` naming every place that must be writable and is not: with an unwritable home a turn would
 * succeed and nothing of it would be kept, without any error.
 */
export function requireWritable(places: string[]): void {
  const problems = places.flatMap((place) => {
    try {
      accessSync(place, constants.R_OK | constants.W_OK);
      return [];
    } catch (error) {
      return [reasonOf(error)];
    }
  });
  if (problems.length > 0) {
    throw new RunnerError('not-writable', `The container cannot write what it must: ${problems.join('; ')}.`);
  }
}
