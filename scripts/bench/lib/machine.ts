import { closeSync, fsyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { percentile } from './stats.js';

/** What the figures were made on. Nothing that names the machine, its owner or its folders. */
export function describeMachine(engine: string | null): string[] {
  const [cpu] = cpus();
  return [
    `${cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 1024 ** 3)} GiB of memory`,
    `Linux ${release()}, Node ${process.version}`,
    `a 4 kB write with fsync takes ${fsyncTime().toFixed(2)} ms there (median of 200)`,
    engine ?? 'no Docker engine: what needs one was skipped',
  ];
}

/** What everything durable costs at least. Milliseconds. */
function fsyncTime(): number {
  const folder = mkdtempSync(path.join(tmpdir(), 'wharfie-fsync-'));
  const file = openSync(path.join(folder, 'probe'), 'w');
  const block = Buffer.alloc(4096);
  const times = Array.from({ length: 200 }, () => {
    const began = performance.now();
    writeSync(file, block, 0, block.length, 0);
    fsyncSync(file);
    return performance.now() - began;
  });
  closeSync(file);
  rmSync(folder, { recursive: true });
  return percentile(times, 0.5);
}

/** Of a running process, from /proc: seconds of processor time, and resident MB. */
export function usageOf(pid: number): { cpuSeconds: number; residentMb: number } {
  // After the name in brackets: fields 3 and up; utime and stime are 14 and 15, in hundredths of a second.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100,
    residentMb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024,
  };
}

/** The processes that this one has started. */
export function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}
