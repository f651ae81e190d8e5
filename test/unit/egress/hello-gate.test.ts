import { describe, expect, it } from 'vitest';
import { createHelloGate, type HelloGate } from '../../../src/egress/hello-gate.js';
import { Refusal } from '../../../src/egress/refusal.js';
import { extension, hello, helloMessage, record, serverName } from './hello.js';

const HOST = { host: 'example.com', port: 443 };
const own = hello(serverName('example.com'));
const evil = hello(serverName('evil.example'));
const changeCipher = record(0x14, Buffer.from([1]));
const early = record(0x17, Buffer.alloc(700, 5));

const reason = (act: () => unknown) => {
  try {
    act();
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
};
/** A ServerHello with this random. */
const answer = (random: Buffer) =>
  record(0x16, Buffer.concat([Buffer.from([2, 0, 0, 60, 3, 3]), random, Buffer.alloc(26)]));
const usual = answer(Buffer.alloc(32, 1));
const retry = answer(Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex'));
const bytewise = (gate: HelloGate, bytes: Buffer) =>
  Buffer.concat([...bytes].map((byte) => gate.fromClient(Buffer.from([byte]))));

describe('the gate of a tunnel', () => {
  it.each([
    ['the name that was allowed', HOST, own, null],
    ['that name in other letters, with a dot', HOST, hello(serverName('EXAMPLE.com.')), null],
    ['another name', HOST, evil, 'egress-tls-name'],
    ['a name below it', HOST, hello(serverName('a.example.com')), 'egress-tls-name'],
    ['no name', HOST, hello(extension(16, Buffer.from('x'))), 'egress-tls-name'],
    ['no extensions', HOST, record(0x16, helloMessage(null)), 'egress-tls-name'],
    [
      'an encrypted name',
      HOST,
      hello(serverName('example.com'), extension(0xfe0d, Buffer.alloc(3))),
      'egress-tls-hidden',
    ],
    ['two records', HOST, record(0x16, helloMessage([]).subarray(0, 30)), 'egress-tls-odd'],
    ['HTTP', HOST, Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'egress-not-tls'],
    ['an alert', HOST, record(0x15, Buffer.from([1, 0])), 'egress-not-tls'],
    ['no name, to an address', { host: '10.0.0.7', port: 443 }, hello(), null],
    ['the address for a name', { host: '2001:db8::1', port: 443 }, hello(serverName('2001:db8::1')), null],
    ['a name, to an address', { host: '10.0.0.7', port: 443 }, own, 'egress-tls-name'],
    ['SSH, to an address', { host: '10.0.0.7', port: 443 }, Buffer.from('SSH-2.0-x\r\n'), 'egress-not-tls'],
    ['SSH, on its port', { host: 'example.com', port: 22 }, Buffer.from('SSH-2.0-x\r\n'), null],
    ['TLS, on another port', { host: 'example.com', port: 8443 }, own, null],
    ['TLS for another name, on another port', { host: 'example.com', port: 8443 }, evil, 'egress-tls-name'],
    ['TLS without a name, on another port', { host: 'example.com', port: 22 }, hello(), 'egress-tls-name'],
  ])('%s: %o', (_, destination, bytes, expected) => {
    expect(reason(() => createHelloGate(destination).fromClient(bytes))).toBe(expected);
    expect(reason(() => bytewise(createHelloGate(destination), bytes))).toBe(expected);
  });

  it('keeps every byte back until the hello is whole, then passes each as it came', () => {
    const gate = createHelloGate(HOST);
    expect(bytewise(gate, own.subarray(0, -1))).toHaveLength(0);
    expect(gate.isWaiting).toBe(true);
    const rest = Buffer.concat([own.subarray(-1), changeCipher, early]);
    expect(Buffer.concat([gate.fromClient(rest)])).toEqual(Buffer.concat([own, changeCipher, early]));
    expect(gate.isWaiting).toBe(false);
  });

  it('is open once the server has answered: what looks like a hello then is not one', () => {
    const gate = createHelloGate(HOST);
    gate.fromClient(own);
    const part = evil.subarray(0, 20);
    expect(gate.fromClient(part)).toHaveLength(0);
    expect(gate.fromServer(usual.subarray(0, 30))).toHaveLength(0);
    expect(gate.fromServer(usual.subarray(30))).toEqual(part);
    expect(gate.fromClient(evil)).toEqual(evil);
  });

  it.each([
    ['after the server asked for it', true],
    ['before it could', false],
  ])('holds a second hello to the same, %s', (_, asked) => {
    for (const feed of [(gate: HelloGate, bytes: Buffer) => gate.fromClient(bytes), bytewise]) {
      const refused = createHelloGate(HOST);
      feed(refused, own);
      if (asked) for (const byte of retry) refused.fromServer(Buffer.from([byte]));
      feed(refused, early);
      feed(refused, changeCipher);
      expect(reason(() => feed(refused, evil))).toBe('egress-tls-name');
      const passed = createHelloGate(HOST);
      const said = [own, early, changeCipher, own, evil];
      if (asked) passed.fromServer(retry);
      expect(Buffer.concat(said.map((bytes) => feed(passed, bytes)))).toEqual(Buffer.concat(said));
    }
  });

  it('lets a second hello neither be split nor hide in early data', () => {
    const gate = createHelloGate(HOST);
    const split = record(0x16, helloMessage([serverName('evil.example')]).subarray(0, 40));
    expect(reason(() => gate.fromClient(Buffer.concat([own, early, split])))).toBe('egress-tls-odd');
  });

  it('opens for a server that speaks first, on a port of its own', () => {
    const gate = createHelloGate({ host: 'example.com', port: 25 });
    expect(gate.isWaiting).toBe(false);
    expect(gate.fromServer(Buffer.from('220 mail\r\n'))).toHaveLength(0);
    expect(String(gate.fromClient(Buffer.from('EHLO x\r\n')))).toBe('EHLO x\r\n');
  });
});
