import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';

/** Where systems keep the authorities that they trust: Debian and its kin, Red Hat and its kin, Alpine and macOS. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
];

/** PEM of all that this machine trusts, and of `ca` besides: a proxy passes on what it has no part in. */
export function bundleWith(ca: string): string {
  return `${(systemBundle() ?? rootCertificates.join('\n')).trimEnd()}\n${ca.trimEnd()}\n`;
}

function systemBundle(): string | null {
  for (const file of SYSTEM_BUNDLES) {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      // The next place; most machines have one of them.
    }
  }
  return null;
}
