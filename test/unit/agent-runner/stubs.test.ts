import { mkdtempSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { silentLog } from '../../../container/agent-runner/src/log.ts';
import { hintIn } from '../../../container/agent-runner/src/poll-loop/sentences.ts';
import { placeStubs } from '../../../container/agent-runner/src/stubs.ts';

it('puts placeholder files where programs look, in the place of what an earlier session left there', () => {
  const home = mkdtempSync(join(tmpdir(), 'ws-'));
  const [from, other, to] = [join(home, '0'), join(home, 'other'), join(home, '.codex', 'auth.json')];
  writeFileSync(from, 'placeholder');
  writeFileSync(other, 'untouched');
  placeStubs([[from, to]], silentLog);
  expect([readFileSync(to, 'utf8'), statSync(to).mode & 0o777]).toEqual(['placeholder', 0o600]);
  symlinkSync(other, join(home, 'link'));
  placeStubs(
    [
      [join(home, 'missing'), to],
      [from, join(home, 'link')],
    ],
    silentLog,
  );
  expect([readFileSync(other, 'utf8'), readFileSync(join(home, 'link'), 'utf8')]).toEqual([
    'untouched',
    'placeholder',
  ]);
});

it('tells what the gateway said of a failure, and nothing of what a provider said', () => {
  const ours =
    'Failed to authenticate. API Error: 401 [wharfie] onecli-no-secret: Assign a secret to agent "Ada".';
  expect(hintIn(ours)).toBe('Assign a secret to agent "Ada".');
  expect(hintIn('API Error: 529 {"type":"error","message":"Overloaded"}')).toBeNull();
});
