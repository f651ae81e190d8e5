import type { ContainerEngine, ContainerSpec, ExitReport } from '../../src/engine/types.js';
import { type EngineWorld, specFor } from '../engine-conformance/harness.js';

export interface Probe<T> {
  value: T | null;
  report: ExitReport;
}

/**
 * Runs `code` in a container: the body of an async function that has `fs`, `run(file, ...args)` and `attempt(fn)`
 * (its value, or the code of its error). What it returns comes back as JSON in the last line of its log.
 */
export async function probe<T>(
  world: EngineWorld,
  engine: ContainerEngine,
  code: string,
  changes: Partial<ContainerSpec> = {},
): Promise<Probe<T>> {
  const CODE = `
    import fs from 'node:fs';
    import net from 'node:net';
    import os from 'node:os';
    import { spawn, spawnSync } from 'node:child_process';
    const run = (file, ...args) => {
      const { status, signal, stderr } = spawnSync(file, args);
      return { status, signal, stderr: String(stderr) };
    };
    const attempt = (fn) => { try { return fn() ?? 'ok'; } catch (error) { return error.code; } };
    export default async () => { ${code} };
  `;
  const handle = await engine.start(specFor(world, 'run', { ...changes, env: { CODE, ...changes.env } }));
  const report = await handle.exited;
  const last = report.logTail.at(-1);
  return { value: report.exitCode === 0 && last !== undefined ? JSON.parse(last) : null, report };
}
