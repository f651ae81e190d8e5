import { readFileSync, statSync } from 'node:fs';
import { parse } from 'dotenv';
import { codeOf, reasonOf, WharfieError } from './errors.js';

export type EnvValues = Readonly<Record<string, string>>;

/** The installation's `.env`, parsed and never poured into `process.env`, where every child would inherit it. */
export interface EnvFile {
  readonly path: string;
  /** What the file says now; parsed again only when it has changed. Empty where there is no file. Throws `env-unreadable`. */
  read(): EnvValues;
}

export function createEnvFile(path: string): EnvFile {
  let stamp = '';
  let values: EnvValues = {};
  return {
    path,
    read() {
      try {
        const { mtimeNs, size, ino } = statSync(path, { bigint: true });
        const current = `${mtimeNs}:${size}:${ino}`;
        if (current !== stamp) {
          values = parse(readFileSync(path));
          stamp = current;
        }
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw unreadable(path, error);
        stamp = '';
        values = {};
      }
      return values;
    },
  };
}

function unreadable(path: string, cause: unknown): WharfieError {
  return new WharfieError(
    'env-unreadable',
    `The configuration ${path} cannot be read (${codeOf(cause) || reasonOf(cause)}).`,
    `Give it to the user that runs Wharfie (see whose it is: ls -l ${path}); no restart is needed then.`,
    { cause },
  );
}
