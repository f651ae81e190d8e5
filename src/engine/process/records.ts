import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** What is on disk about a process, so that the next host can tell whether it still runs. */
const recordSchema = z.object({
  pid: z.number().int().positive(),
  startTime: z.string().min(1),
  sessionId: z.string(),
  incarnation: z.number().int(),
});
export type ProcessRecord = z.infer<typeof recordSchema>;

export interface ProcessRecords {
  write(name: string, record: ProcessRecord): Promise<void>;
  read(name: string): Promise<ProcessRecord | null>;
  remove(name: string): Promise<void>;
}

/** One file a name in `folder`. A file that is not whole counts as none: `write` renames, so only a person makes one. */
export function createProcessRecords(folder: string): ProcessRecords {
  const fileOf = (name: string) => join(folder, `${name}.json`);
  return {
    async write(name, record) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const file = fileOf(name);
      await writeFile(`${file}.new`, JSON.stringify(record), { mode: 0o600 });
      await rename(`${file}.new`, file);
    },
    async read(name) {
      try {
        return recordSchema.parse(JSON.parse(await readFile(fileOf(name), 'utf8')));
      } catch {
        return null;
      }
    },
    async remove(name) {
      await rm(fileOf(name), { force: true });
    },
  };
}
