import path from 'node:path';
import { expect, it } from 'vitest';
import { cyclesAmong, repository, sourcesIn } from '../../../scripts/figures.js';

it.each([
  { folder: 'src', least: 200 },
  { folder: 'setup', least: 50 },
  { folder: 'container/agent-runner/src', least: 30 },
])('no file of $folder comes back to itself by its imports', ({ folder, least }) => {
  const files = sourcesIn(path.join(repository, folder));
  const { imports, cycles } = cyclesAmong(files);
  expect(files.size).toBeGreaterThan(least);
  expect(imports).toBeGreaterThan(files.size);
  expect(cycles.map((way) => way.map((file) => path.relative(repository, file)).join(' → '))).toEqual([]);
});
