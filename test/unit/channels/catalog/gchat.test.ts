import { describe, expect, test } from 'vitest';
import { counterpartOf, isGroupChat, normalizePlatformId } from '../../../../src/channels/catalog/index.js';

describe('ids of Google Chat', () => {
  test.each([
    ['spaces/AAQAtJd0Pnw', 'gchat:spaces/AAQAtJd0Pnw'],
    ['GChat:spaces/AAQAtJd0Pnw', 'gchat:spaces/AAQAtJd0Pnw'],
    ['gchat:spaces/AAQAtJd0Pnw:c3BhY2Vz', 'gchat:spaces/AAQAtJd0Pnw'],
    ['https://chat.google.com/room/AAQAtJd0Pnw?cls=7', 'gchat:spaces/AAQAtJd0Pnw'],
    ['https://chat.google.com/u/1/dm/abc_-23/xyz', 'gchat:spaces/abc_-23'],
    ['https://mail.google.com/chat/u/0/#chat/space/AAQAtJd0Pnw', 'gchat:spaces/AAQAtJd0Pnw'],
  ])('%s', (raw, stored) => {
    expect(normalizePlatformId('gchat', raw)).toBe(stored);
  });

  test.each([
    '',
    'Family',
    'AAQAtJd0Pnw',
    'spaces/',
    'spaces/../users',
    'users/112233',
    'https://evil.example/room/AAQAtJd0Pnw',
  ])('%j is refused', (raw) => {
    expect(() => normalizePlatformId('gchat', raw)).toThrowError(
      expect.objectContaining({ code: 'platform-id-invalid' }),
    );
  });
});

test('an id of Google Chat tells neither whether it is a group nor who is at its other end', () => {
  expect(isGroupChat('gchat', 'gchat:spaces/AAQAtJd0Pnw')).toBeNull();
  expect(counterpartOf('gchat', 'gchat:spaces/AAQAtJd0Pnw')).toBeNull();
});
