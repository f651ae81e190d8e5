import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { isIP } from 'node:net';

/** An authority for tests: P-256, valid for a day either way, in as little DER as programs accept. */
export interface TestAuthority {
  ca: string;
  /** Certificate and key, PEM, for a name or an address. */
  issue(host: string): { cert: string; key: string };
}

const SEQUENCE = 0x30;
const SET = 0x31;
const ECDSA_SHA256 = '06082a8648ce3d040302';
const COMMON_NAME = '0603550403';
const DAY_MS = 86_400_000;

export function createTestAuthority(name = 'Wharfie test authority'): TestAuthority {
  const own = keyPair();
  const serials = { next: 1 };
  const make = (subject: string, publicKey: KeyObject, extensions: Buffer[]) =>
    certificate({
      subject,
      issuer: name,
      publicKey,
      signer: own.privateKey,
      serial: serials.next++,
      extensions,
    });
  // May sign certificates; critical, as the standard wants it.
  const isAuthority = extension('551d13', true, seq(der(0x01, Buffer.from([0xff]))));
  return {
    ca: make(name, own.publicKey, [isAuthority]),
    issue(host) {
      const { publicKey, privateKey } = keyPair();
      const address = isIP(host) === 4 && Buffer.from(host.split('.').map(Number));
      const named = address ? der(0x87, address) : der(0x82, Buffer.from(host));
      const cert = make(host, publicKey, [extension('551d11', false, seq(named))]);
      return { cert, key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })) };
    },
  };
}

const keyPair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

function certificate(options: {
  subject: string;
  issuer: string;
  publicKey: KeyObject;
  signer: KeyObject;
  serial: number;
  extensions: Buffer[];
}): string {
  const algorithm = seq(hex(ECDSA_SHA256));
  const now = Date.now();
  const body = seq(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([options.serial])),
    algorithm,
    distinguished(options.issuer),
    seq(time(now - DAY_MS), time(now + DAY_MS)),
    distinguished(options.subject),
    options.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, seq(...options.extensions)),
  );
  const signature = sign('sha256', body, options.signer);
  const whole = seq(body, algorithm, der(0x03, Buffer.from([0]), signature));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function extension(oid: string, critical: boolean, value: Buffer): Buffer {
  const flag = critical ? [der(0x01, Buffer.from([0xff]))] : [];
  return seq(der(0x06, hex(oid)), ...flag, der(0x04, value));
}

const distinguished = (name: string) => seq(der(SET, seq(hex(COMMON_NAME), der(0x0c, Buffer.from(name)))));

const time = (at: number) =>
  der(0x17, Buffer.from(`${new Date(at).toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));

const seq = (...parts: Buffer[]) => der(SEQUENCE, ...parts);
const hex = (text: string) => Buffer.from(text, 'hex');

function der(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}
