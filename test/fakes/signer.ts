import { createSign, generateKeyPairSync } from 'node:crypto';

/** Somebody who signs JSON Web Tokens, and whose public key can be published. */
export interface Signer {
  readonly jwk: Record<string, unknown>;
  readonly privateKeyPem: string;
  sign(claims: object, header?: object): string;
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

export function createSigner(kid: string, extra: object = {}): Signer {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256', ...extra },
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    sign(claims, header = {}) {
      const said = `${encode({ alg: 'RS256', typ: 'JWT', kid, ...header })}.${encode(claims)}`;
      return `${said}.${createSign('RSA-SHA256').update(said).sign(privateKey, 'base64url')}`;
    },
  };
}
