import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import type { AgentIdentity, CredentialProvider } from '../../../src/credentials/types.js';
import { createEgressGateway } from '../../../src/egress/index.js';
import { createRunDirs } from '../../../src/egress/run-dir.js';
import type { ContainerSpec } from '../../../src/engine/types.js';
import { createLog } from '../../../src/log/index.js';

export const ada: AgentIdentity = { name: 'Ada', identifier: 'ag_0a1b2c3d' };
export const bob: AgentIdentity = { name: 'Bob', identifier: 'ag_4e5f6a7b' };

/** A provider with all that it needs, in front of a model API that takes `key` and writes down what it was shown. */
export interface CredentialStage {
  provider: CredentialProvider;
  /** The real key, which stays on the host or beyond it. */
  key: string;
  /** Whatever else no container may hold. */
  secrets(): string[];
  /** The keys that the API saw, oldest first. */
  shown(): string[];
  /** From now on the API gets no key that it takes, or again the one that it takes. */
  setAccepted(accepted: boolean): void;
  /** Takes away what a start needs to know. */
  unconfigure(): void;
}

export function bareSpec(runDir = mkdtempSync(join(tmpdir(), 'wc-'))): ContainerSpec {
  return {
    name: 'n',
    sessionId: 's',
    incarnation: 1,
    image: 'i',
    mode: 'run',
    env: { TZ: 'UTC', WHARFIE_MODE: 'run' },
    mounts: [{ source: runDir, target: '/run/wharfie', readOnly: true }],
    limits: { memoryBytes: 1, cpus: 1, pids: 1, fileSizeBytes: 1 },
    user: null,
  };
}

/** A model call through a gateway of the provider's own, as a container makes it. */
export async function modelCall(provider: CredentialProvider, agent: AgentIdentity) {
  const root = mkdtempSync(join(tmpdir(), 'wg-'));
  const gateway = createEgressGateway({
    credentials: provider,
    runDirs: createRunDirs({ installation: '0a1b2c3d', roots: [root] }),
    audit: () => {},
    clock: systemClock,
    log: createLog({ write: () => {} }, { level: 'silent' }),
  });
  onTestFinished(() => gateway.stop());
  const session = { sessionId: 'ses_1', agent, egress: 'model' as const, serverTools: [], owner: null };
  const { runDir } = await gateway.open(session);
  const headers = { 'content-type': 'application/json', 'x-api-key': 'whatever-a-container-says' };
  const options = { socketPath: join(runDir, 'egress.sock'), path: '/v1/messages', method: 'POST', headers };
  const outgoing = request(options);
  outgoing.end(JSON.stringify({ model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'x' }] }));
  const [answer] = await once(outgoing, 'response');
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  return { status: Number(answer.statusCode), text };
}

/** What holds of every provider of credentials. */
export function credentialConformance(name: string, build: () => Promise<CredentialStage>): void {
  describe(`the ${name} provider`, () => {
    it('gives a container placeholders and no secret, and keeps what the spec says', async () => {
      const stage = await build();
      await stage.provider.ensureAgent(ada);
      const spec = bareSpec();
      const changed = await stage.provider.applyContainerConfig(spec, ada);
      expect(changed).toMatchObject({ ...spec, env: expect.objectContaining(spec.env) });
      expect(changed.env.ANTHROPIC_API_KEY ?? changed.env.CLAUDE_CODE_OAUTH_TOKEN).toMatch(/placeholder/);
      for (const secret of [stage.key, ...stage.secrets()])
        expect(JSON.stringify(changed)).not.toContain(secret);
    });

    it('has a second start of the same agent change nothing', async () => {
      const { provider } = await build();
      const spec = bareSpec();
      const start = async () => {
        await provider.ensureAgent(ada);
        return provider.applyContainerConfig(spec, ada);
      };
      expect(await start()).toEqual(await start());
    });

    it('has the model called with the real key, put on outside the container', async () => {
      const stage = await build();
      await stage.provider.ensureAgent(ada);
      expect((await modelCall(stage.provider, ada)).status).toBe(200);
      expect(stage.shown()).toEqual([stage.key]);
    });

    it('says in one sentence what is missing and how to provide it, and then gives nothing', async () => {
      const stage = await build();
      expect(stage.provider.missing()).toBeNull();
      stage.unconfigure();
      expect(stage.provider.missing()).toMatchObject({
        code: 'credential-missing',
        fix: expect.stringContaining('./wharfie credentials'),
      });
      await expect(stage.provider.modelUpstream(ada)).rejects.toMatchObject({ code: 'credential-missing' });
      expect((await modelCall(stage.provider, ada)).status).toBe(401);
    });

    it('passes on a refusal of the key as one, and is heard again when it is put right', async () => {
      const stage = await build();
      await stage.provider.ensureAgent(ada);
      stage.setAccepted(false);
      const refused = await modelCall(stage.provider, ada);
      expect(refused.status).toBe(401);
      for (const secret of [stage.key, ...stage.secrets()]) expect(refused.text).not.toContain(secret);
      stage.setAccepted(true);
      stage.provider.onRefused(false, ada);
      expect((await modelCall(stage.provider, ada)).status).toBe(200);
    });
  });
}
