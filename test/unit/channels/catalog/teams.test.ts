import { describe, expect, test } from 'vitest';
import { counterpartOf, isGroupChat, normalizePlatformId } from '../../../../src/channels/catalog/index.js';

describe('ids of Microsoft Teams', () => {
  const id = (conversation: string, service: string, kind = '') =>
    `${[conversation, service].map((text) => Buffer.from(text).toString('base64url')).join(':')}${kind}`;
  const SERVICE = 'https://smba.trafficmanager.net/emea';
  const GROUP = '19:abc@thread.v2';
  const group = `teams:${id(GROUP, SERVICE)}`;

  test.each([
    [id(GROUP, SERVICE), group],
    [` TEAMS:${id(GROUP, SERVICE)} `, group],
    [id(GROUP, `${SERVICE}/`), group],
    [id(GROUP, 'HTTPS://SMBA.trafficmanager.net/emea//'), group],
    [id(`${GROUP};messageid=1700000000000`, SERVICE), group],
    [id(GROUP, SERVICE, ':groupChat'), group],
    [id(GROUP, SERVICE, ':personal'), `${group}:personal`],
    [id('a:1xyz', SERVICE, ':personal'), `teams:${id('a:1xyz', SERVICE)}`],
  ])('%s', (raw, stored) => {
    expect(normalizePlatformId('teams', raw)).toBe(stored);
    expect(normalizePlatformId('teams', stored)).toBe(stored);
  });

  test.each([
    '',
    GROUP,
    id(GROUP, 'http://smba.trafficmanager.net/emea'),
    id(GROUP, 'http://169.254.169.254/latest'),
    id(GROUP, 'https://user:pass@smba.trafficmanager.net'),
    id(GROUP, `${SERVICE}?x=1`),
    id(GROUP, 'no address'),
    id('\n', SERVICE),
    id(GROUP, SERVICE, ':everybody'),
    id(GROUP, SERVICE, ':personal:more'),
  ])('%j is refused', (raw) => {
    expect(() => normalizePlatformId('teams', raw)).toThrowError(
      expect.objectContaining({ code: 'platform-id-invalid' }),
    );
  });

  test.each([
    [GROUP, '', true],
    [GROUP, ':personal', false],
    ['a:1xyz', '', false],
  ])('%s%s is a group: %s', (conversation, kind, isGroup) => {
    const stored = normalizePlatformId('teams', id(conversation, SERVICE, kind));
    expect(isGroupChat('teams', stored)).toBe(isGroup);
    expect(counterpartOf('teams', stored)).toBeNull();
  });
});
