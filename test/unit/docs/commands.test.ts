import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { flagsOf } from '../../../setup/lib/run.js';
import { stepNames, steps } from '../../../setup/steps.js';
import { codeRoot } from '../../../src/config.js';

const sources = ['src', 'setup', 'container/agent-runner/src'].flatMap((folder) =>
  readdirSync(join(codeRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.includes('node_modules'))
    .map((file) => ({ file: `${folder}/${file}`, text: readFileSync(join(codeRoot, folder, file), 'utf8') })),
);

const FLAG = /(?:^|\s)--([a-z][a-z-]*)/g;

/** A step as it stands in a sentence or in code, with all flags that follow before the sentence's or string's end. */
const CALL = /\.\/wharfie ([a-z]+)((?: (?:[^'`"\n]|"(?:\$\{[^}]*\}|[^"\n])*")*)?)/g;

const documents = [
  'README.md',
  'CLAUDE.md',
  ...readdirSync(join(codeRoot, 'docs')).map((file) => `docs/${file}`),
]
  .filter((file) => file.endsWith('.md'))
  .map((file) => ({ file, text: readFileSync(join(codeRoot, file), 'utf8') }));

const calls = [...sources, ...documents].flatMap(({ file, text }) =>
  [...text.matchAll(CALL)].map(([whole, step = '', rest = '']) => ({
    where: `${file}: ${whole}`,
    step,
    flags: [...rest.replace(/ # .*/, '').matchAll(FLAG)].map(([, flag = '']) => flag),
  })),
);

const scriptsSchema = z.object({ scripts: z.record(z.string(), z.string()) });

describe('what errors and sentences tell people to run', () => {
  it('are steps and flags that exist', async () => {
    expect(calls.length).toBeGreaterThan(50);
    const loaded = new Map(
      await Promise.all([...steps].map(async ([name, load]) => [name, flagsOf(await load())] as const)),
    );
    const wrong = calls.filter(({ step, flags }) => {
      const known = loaded.get(step)?.map(({ name }) => name);
      return !known || !flags.every((flag) => ['help', 'json', ...known].includes(flag));
    });
    expect(wrong.map(({ where }) => where)).toEqual([]);
  });

  it('are scripts of package.json', () => {
    const { scripts } = scriptsSchema.parse(JSON.parse(readFileSync(join(codeRoot, 'package.json'), 'utf8')));
    const named = sources.flatMap(({ file, text }) =>
      [...text.matchAll(/npm run ([a-z][a-z:]*)/g)].map(([, script = '']) => ({ file, script })),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter(({ script }) => !(script in scripts))).toEqual([]);
  });

  it('name no step that is none', () => {
    const named = sources.flatMap(({ file, text }) =>
      [...text.matchAll(/\bthe step `([a-z]+)`/g)].map(([, step = '']) => ({ file, step })),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter(({ step }) => !stepNames.includes(step))).toEqual([]);
  });
});
