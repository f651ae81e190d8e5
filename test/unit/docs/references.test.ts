import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { settingNames } from '../../../src/config.js';
import { openCentralDb } from '../../../src/db/central/index.js';
import { INBOUND_SCHEMA, OUTBOUND_SCHEMA } from '../../../src/db/schema.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

const ROOMS = ['src', 'setup', 'container', 'scripts', 'docs', 'test', '.claude'];
const files = [
  'README.md',
  'CLAUDE.md',
  'CONTRIBUTING.md',
  ...ROOMS.flatMap((room) =>
    readdirSync(path.join(root, room), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|md|mjs|sh)$/.test(name) && !name.includes('node_modules'))
      .map((name) => path.join(room, name)),
  ),
];

/** A heading's anchor, as GitHub makes it: docs.github.com/en/get-started/writing-on-github (section links). */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');

const anchorsOf = (file: string) =>
  new Set([...read(file).matchAll(/^#{1,6} (.+)$/gm)].map((match) => anchorOf(match[1] ?? '')));

/** References to a page of this repository: Markdown links, and a page below docs/ with or without an anchor in comments. */
function referencesIn(file: string): { page: string; anchor: string | undefined }[] {
  const text = read(file);
  const links = file.endsWith('.md')
    ? [...text.matchAll(/\]\((?!https?:|mailto:|<)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map((match) => ({
        page: match[1] ? path.join(path.dirname(file), match[1]) : file,
        anchor: match[2],
      }))
    : [];
  const named = [...text.matchAll(/(?<![\w./-])(docs\/[\w/-]+\.md)(?:#([\w-]+))?/g)].map((match) => ({
    page: match[1] ?? '',
    anchor: match[2],
  }));
  return [...links, ...named];
}

describe('references', () => {
  it('lead to pages and headings that exist', () => {
    const dangling: string[] = [];
    let checked = 0;
    for (const file of files) {
      for (const { page, anchor } of referencesIn(file)) {
        checked += 1;
        if (!existsSync(path.join(root, page))) dangling.push(`${file}: ${page}`);
        else if (anchor !== undefined && !anchorsOf(page).has(anchor))
          dangling.push(`${file}: ${page}#${anchor}`);
      }
    }
    expect(dangling).toEqual([]);
    expect(checked).toBeGreaterThan(150);
  });

  it('name no design page outside the repository', () => {
    // "3-reliability", not "026-what-shows-each-promise".
    const outside =
      /(?<![\w-])\d{1,2}-(architecture|contracts|reliability|security|style|testing|the-[\w-]+)\b/;
    expect(files.filter((file) => outside.test(read(file)) && !file.endsWith('references.test.ts'))).toEqual(
      [],
    );
  });

  it('name promises that are made', () => {
    const promised = new Set(
      [...read('docs/reliability.md').matchAll(/^### Promise (\d+)$/gm)].map((m) => m[1]),
    );
    expect(promised.size).toBe(8);
    const unknown = files.flatMap((file) =>
      [...read(file).matchAll(/\bpromise[ -](\d+)\b/gi)]
        .filter((match) => !promised.has(match[1]))
        .map((match) => `${file}: ${match[0]}`),
    );
    expect(unknown).toEqual([]);
  });
});

it('each promise names a test that shows it', () => {
  const sections = read('docs/reliability.md')
    .split(/^### (?=Promise \d+$)/m)
    .slice(1);
  for (const section of sections) expect(section.split(/^## /m)[0]).toMatch(/`test\/[\w/.-]+`/);
});

it("README's table has every setting", () => {
  const table = read('README.md').split('\n## Settings\n')[1]?.split('\n## ')[0] ?? '';
  expect(settingNames.filter((name) => !table.includes(`\`${name}\``))).toEqual([]);
  const named = [...table.matchAll(/`((?:WHARFIE|ASSISTANT)_[A-Z_]+|TZ)`/g)].map(([, name]) => name ?? '');
  const sources = files.filter((file) => /^(?:src|setup)\//.test(file)).map(read);
  expect(named.filter((name) => !sources.some((text) => text.includes(name)))).toEqual([]);
});

it("README names the variable that replaces each platform's server", () => {
  const sources = files
    .filter((file) => file.startsWith('src/channels/'))
    .map(read)
    .join('\n');
  const names = new Set([...sources.matchAll(/\b[A-Z]+_API_URL\b/g)].map(([name]) => name));
  names.delete('DEFAULT_API_URL');
  expect(names.size).toBeGreaterThan(7);
  expect([...names].filter((name) => !read('README.md').includes(`\`${name}\``))).toEqual([]);
});

describe('docs/contracts.md', () => {
  const text = read('docs/contracts.md');
  const tablesIn = (part: string) =>
    [...part.matchAll(/^\| (`\w+`(?:, `\w+`)*) \|/gm)].flatMap((match) =>
      [...(match[1] ?? '').matchAll(/`(\w+)`/g)].map((name) => name[1] ?? ''),
    );
  const section = (from: string, to: string) =>
    text.slice(text.indexOf(from), text.indexOf(to, text.indexOf(from)));

  it('has every table of the central database', () => {
    const db = openCentralDb(':memory:');
    const tables = db
      .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .pluck()
      .all()
      .filter((name) => name !== 'migrations');
    db.close();
    expect(tablesIn(section('## Central database', '## Session folder')).sort()).toEqual(tables.sort());
  });

  it.each([
    ['inbound.db', section('| `inbound.db`', '| `outbound.db`'), INBOUND_SCHEMA],
    ['outbound.db', section('| `outbound.db`', 'A running container'), OUTBOUND_SCHEMA],
  ])('has every table of %s', (_, part, schema) => {
    const tables = [...schema.matchAll(/CREATE TABLE (\w+)/g)].map((match) => match[1] ?? '');
    expect(tablesIn(part).sort()).toEqual(tables.sort());
  });
});
