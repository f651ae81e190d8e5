import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeRoot } from '../../../src/config.js';

export const skillsDir = join(codeRoot, '.claude', 'skills');

export interface Skill {
  name: string;
  dir: string;
  frontmatter: Record<string, string>;
  body: string;
  lines: number;
  /** Every Markdown file of the skill, SKILL.md first. */
  pages: { file: string; text: string }[];
}

export function readSkills(): Skill[] {
  return readdirSync(skillsDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => readSkill(name));
}

function readSkill(name: string): Skill {
  const dir = join(skillsDir, name);
  const files = readdirSync(dir).filter((file) => file.endsWith('.md'));
  const pages = ['SKILL.md', ...files.filter((file) => file !== 'SKILL.md')].map((file) => ({
    file,
    text: readFileSync(join(dir, file), 'utf8'),
  }));
  const text = pages[0]?.text ?? '';
  const [, head = '', body = ''] = /^---\n(.*?)\n---\n(.*)$/s.exec(text) ?? [];
  return { name, dir, frontmatter: parseFrontmatter(head), body, lines: text.split('\n').length, pages };
}

/** One `key: value` a line: what Claude Code reads as plain text, we allow no more of. */
function parseFrontmatter(head: string): Record<string, string> {
  const entries = head.split('\n').map((line) => {
    const [, key, value] = /^([a-z-]+): (\S.*)$/.exec(line) ?? [];
    // Other readers take it for YAML, where these two mean something else.
    if (/: | #/.test(value ?? '')) throw new Error(`a colon or a # that YAML would read: ${line}`);
    if (key === undefined || value === undefined) throw new Error(`not a line of frontmatter: ${line}`);
    return [key, value] as const;
  });
  return Object.fromEntries(entries);
}

export interface SkillCommand {
  step: string;
  argv: string[];
  text: string;
}

const COMMAND = /\.\/wharfie ([a-z]+)([^\n`]*)/g;

/** Every call of a step in the text, its words as a shell would give them; `<…>` stands for itself. */
export function commandsIn(text: string): SkillCommand[] {
  // The rules of `allowed-tools` are no calls.
  const prose = text.replace(/Bash\([^)]*\)/g, '');
  return [...prose.matchAll(COMMAND)].map(([whole, step = '', rest = '']) => ({
    step,
    argv: shellWords(rest),
    text: whole,
  }));
}

/** Words with their quotes taken away. Throws where a quote is not closed. */
export function shellWords(text: string): string[] {
  const words: string[] = [];
  const pattern = /\s*(?:((?:"[^"]*"|'[^']*'|<[^>]*>|[^\s"'<])+)|(["'<]))/y;
  for (pattern.lastIndex = 0; pattern.lastIndex < text.trimEnd().length; ) {
    const match = pattern.exec(text);
    if (!match?.[1]) throw new Error(`a quote is not closed in: ${text}`);
    words.push(match[1].replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => double ?? single ?? ''));
  }
  return words;
}

/** What stands between backticks outside code blocks. */
export function inlineCode(text: string): string[] {
  const prose = text.replace(/^```.*?^```/gms, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? '');
}

export interface Question {
  header: string;
  question: string;
  options: string[];
}

/** What a skill has the person asked: the rows of its tables of questions. */
export function questionsIn(text: string): Question[] {
  const tables = [...text.matchAll(/^\| name \| question \| options \|\n\|[- |]+\|\n((?:\|.*\|\n)+)/gm)];
  return tables
    .flatMap(([, rows = '']) => rows.trim().split('\n'))
    .map((row) => {
      const [header = '', question = '', options = ''] = row
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim());
      return { header, question, options: options.split(' / ') };
    });
}
