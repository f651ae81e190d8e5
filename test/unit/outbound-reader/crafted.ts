import { readFileSync, writeFileSync } from 'node:fs';

const PAGE = 4096;
const LEVELS = 9;
const CHILDREN = 400;

/**
 * Makes the schema's b-tree of a database a tree whose inner pages all lead to the same few pages below: nine pages
 * of 4 kB that SQLite walks 400^8 times before it has read the schema. No handle may be open on the file.
 */
export function makeSchemaEndless(file: string): void {
  const original = readFileSync(file);
  const first = original.length / PAGE + 1;
  const pages = Array.from({ length: LEVELS }, (_, level) => {
    const next = first + level + 1;
    return level === LEVELS - 1 ? leaf() : interior(next, 0);
  });
  const root = interior(first, 100);
  original.copy(root, 0, 0, 100);
  root.writeUInt32BE(first + LEVELS - 1, 28);
  writeFileSync(file, Buffer.concat([root, original.subarray(PAGE), ...pages]));
}

/** An interior table page (https://www.sqlite.org/fileformat.html, "B-tree Pages"), all of whose children are `child`. */
function interior(child: number, at: number): Buffer {
  const page = Buffer.alloc(PAGE);
  const start = PAGE - CHILDREN * 5;
  page[at] = 0x05;
  page.writeUInt16BE(CHILDREN, at + 3);
  page.writeUInt16BE(start, at + 5);
  page.writeUInt32BE(child, at + 8);
  for (let index = 0; index < CHILDREN; index += 1) {
    const cell = start + index * 5;
    page.writeUInt16BE(cell, at + 12 + index * 2);
    page.writeUInt32BE(child, cell);
    page[cell + 4] = 1;
  }
  return page;
}

/** A leaf with one row of five NULLs. */
function leaf(): Buffer {
  const page = Buffer.alloc(PAGE);
  const cell = PAGE - 8;
  page[0] = 0x0d;
  page.writeUInt16BE(1, 3);
  page.writeUInt16BE(cell, 5);
  page.writeUInt16BE(cell, 8);
  Buffer.from([6, 1, 6, 0, 0, 0, 0, 0]).copy(page, cell);
  return page;
}
