import { mkdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { verify } from '../../../../setup/verify.js';
import { createInstallation } from '../harness.js';

const findings = z.array(z.object({ id: z.string(), fix: z.string() }));

it('does not call a database damaged that only cannot be opened, nor judges the chats that are in it', async () => {
  const at = createInstallation();
  at.writeEnv('WHARFIE_DOCKER_SOCKET=/nonexistent/docker.sock\nDISCORD_BOT_TOKEN=x\n');
  mkdirSync(at.paths.centralDb, { recursive: true });
  const { exitCode, fields } = await at.run(verify, ['--offline']);
  expect(exitCode).toBe(1);
  const found = findings.parse(fields.FINDINGS);
  const unusable = found.find((one) => one.id === 'database-unusable');
  expect(unusable?.fix).toContain('writable');
  expect(found.map((one) => one.id)).not.toContain('channel-not-wired');
  expect(JSON.stringify(found)).not.toMatch(/backup|move it away/);
});
