import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { OUTBOUND_SCHEMA } from '../../src/db/schema.js';
import { specFor } from '../engine-conformance/harness.js';
import { createDockerWorld } from './world.js';

const AGENT = 1000;

describe('the real runner in the real image', () => {
  let world: ReturnType<typeof createDockerWorld>;
  let folder = '';
  beforeEach(() => {
    world = createDockerWorld(inject('agentImage'));
    folder = mkdtempSync(join(tmpdir(), 'wharfie-runner-'));
  });
  afterEach(async () => {
    await world.dispose();
    rmSync(folder, { recursive: true });
  });

  /** outbound.db and its journal as the two file mounts that docs/contracts.md#session-folder describes. */
  const outboundMounts = () => {
    const file = join(folder, 'outbound.db');
    const db = new Database(file);
    db.exec(OUTBOUND_SCHEMA);
    db.close();
    writeFileSync(`${file}-journal`, '');
    for (const path of [file, `${file}-journal`]) chownSync(path, AGENT, AGENT);
    return [file, `${file}-journal`].map((source) => ({
      source,
      target: source.replace(folder, '/workspace'),
      readOnly: false,
    }));
  };

  it('opens outbound.db through its file mounts and ends, in recover mode', async () => {
    const spec = specFor(world, 'echo', { mode: 'recover', mounts: outboundMounts() });
    const env = {
      WHARFIE_SESSION_ID: spec.sessionId,
      WHARFIE_INCARNATION: '1',
      WHARFIE_MODE: 'recover',
      WHARFIE_PROVIDER: 'mock',
      WHARFIE_ASSISTANT_NAME: 'Andy',
      TZ: 'UTC',
    };
    const { exitCode, logTail } = await (await world.engine().start({ ...spec, env })).exited;
    expect({ exitCode, logTail }).toMatchObject({
      exitCode: 0,
      logTail: [expect.stringContaining('recovered')],
    });
  });

  it('says what is wrong when it is started without what it needs', async () => {
    const report = await (await world.engine().start(specFor(world, 'echo'))).exited;
    expect(report.exitCode).not.toBe(0);
    expect(report.logTail.join('\n')).toContain('WHARFIE_SESSION_ID');
  });
});
