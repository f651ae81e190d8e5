import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerSpec } from '../../engine/types.js';
import { replaceFile } from '../../files/replace.js';
import { bundleWith } from '../ca-bundle.js';
import type { AgentConfig } from './agent-config.js';

/** The session's short run folder, where the container sees it. */
const RUN = '/run/wharfie';
const CA = 'onecli-ca.pem';
const BUNDLE = 'ca-bundle.pem';

/**
 * The spec of a container that trusts OneCLI and holds its placeholders. The files lie in the session's own run folder,
 * which the container sees read-only: two agents never share one. Neither the proxy nor its token is among them.
 */
export function withOneCli(spec: ContainerSpec, config: AgentConfig): ContainerSpec {
  const runDir = spec.mounts.find(({ target }) => target === RUN)?.source;
  if (runDir === undefined) throw new Error('a container with credentials needs its run folder');
  put(join(runDir, CA), config.ca);
  put(join(runDir, BUNDLE), bundleWith(config.ca));
  const stubs = config.stubs.map(({ path, content }, index) => {
    mkdirSync(join(runDir, 'stubs'), { recursive: true, mode: 0o755 });
    put(join(runDir, 'stubs', String(index)), content);
    return [`${RUN}/stubs/${index}`, path];
  });
  return {
    ...spec,
    env: {
      ...config.env,
      ...(stubs.length > 0 && { WHARFIE_STUBS: JSON.stringify(stubs) }),
      ...trusting(),
      ...spec.env,
    },
  };
}

/** Each program has a name of its own for the same thing: Node and `claude`, OpenSSL, curl, git, Python, Deno. */
function trusting(): Record<string, string> {
  const bundle = `${RUN}/${BUNDLE}`;
  return {
    NODE_EXTRA_CA_CERTS: `${RUN}/${CA}`,
    SSL_CERT_FILE: bundle,
    CURL_CA_BUNDLE: bundle,
    GIT_SSL_CAINFO: bundle,
    REQUESTS_CA_BUNDLE: bundle,
    DENO_CERT: bundle,
  };
}

function put(file: string, text: string): void {
  if (present(file) !== text) replaceFile(file, text, 0o644);
}

function present(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
