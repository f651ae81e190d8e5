import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assertUnmoved, folderIdentity } from '../../../src/engine/shared/folder-identity.js';

describe('a folder that was allowed', () => {
  let user = '';
  let notes = '';
  beforeEach(() => {
    user = mkdtempSync(join(tmpdir(), 'wharfie-user-'));
    notes = join(user, 'notes');
    mkdirSync(join(notes, 'deep'), { recursive: true });
  });
  afterEach(() => rmSync(user, { recursive: true }));
  const mount = () => ({
    source: join(notes, 'deep'),
    target: '/x',
    readOnly: true,
    identity: folderIdentity(join(notes, 'deep')),
  });

  it('is refused once another one, or a link, is in its place', () => {
    const allowed = mount();
    expect(() => assertUnmoved([allowed])).not.toThrow();
    renameSync(allowed.source, join(user, 'moved'));
    expect(() => assertUnmoved([allowed])).toThrow('put in its place');
    mkdirSync(allowed.source);
    expect(() => assertUnmoved([allowed])).toThrow('put in its place');
    rmSync(allowed.source, { recursive: true });
    symlinkSync(join(user, 'moved'), allowed.source);
    expect(() => assertUnmoved([allowed])).toThrow('put in its place');
  });

  it('is refused when a folder above it becomes a link to where it lies', () => {
    const allowed = mount();
    renameSync(notes, join(user, 'moved'));
    symlinkSync(join(user, 'moved'), notes);
    expect(() => assertUnmoved([allowed])).toThrow('put in its place');
  });
});
