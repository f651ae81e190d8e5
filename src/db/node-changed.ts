import { WharfieError } from '../errors.js';

/** SQLite's part for Node was built for another major version than the one that runs. Code: `node-changed`. */
export function nodeChanged(version = process.versions.node): WharfieError {
  return new WharfieError(
    'node-changed',
    `The packages were installed for another version of Node than ${version}, which runs now: the database cannot be opened.`,
    'npm rebuild better-sqlite3 (or go back to the Node that Wharfie was installed with)',
  );
}
