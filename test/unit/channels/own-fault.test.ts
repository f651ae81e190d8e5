import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ChannelError } from '../../../src/channels/adapter.js';
import { CatalogError } from '../../../src/channels/catalog/index.js';
import { isOwnFault } from '../../../src/channels/own-fault.js';
import { RouterError } from '../../../src/router.js';

const coded = (code: string, cause?: unknown) => Object.assign(new Error(code, { cause }), { code });
const channelError = (errorClass: 'transient' | 'permanent') =>
  new ChannelError('x-no', 'No.', 'Nothing.', { errorClass });

describe('an error that a message brings on', () => {
  it.each([
    ['a stack overflow', new RangeError('Maximum call stack size exceeded')],
    ['a missing field', new TypeError('Cannot read properties of null')],
    ['a packet of another shape', z.string().safeParse(5).error],
    ['what the platform refuses for good', channelError('permanent')],
    ['a value that SQLite cannot store', coded('SQLITE_TOOBIG')],
    ['a name that is too long', coded('ENAMETOOLONG')],
    ['a chat id of another form', new CatalogError('platform-id-invalid', 'No such id.', 'Give another.')],
    ['an address that is none', coded('ERR_INVALID_URL')],
    ['something that is no error', 'no'],
  ])('is its own: %s', (_, error) => {
    expect(isOwnFault(error)).toBe(true);
  });

  it.each([
    ['a full disk', coded('ENOSPC')],
    ['a full database', coded('SQLITE_FULL')],
    ['a locked database', coded('SQLITE_BUSY')],
    ['too many open files', coded('EMFILE')],
    ['a stuck session', coded('session-locked')],
    ['the router, which tries again', new RouterError('intake-failed', 'Not now.', 'Later.')],
    ['a platform that does not answer', channelError('transient')],
    ['a fetch that failed', new TypeError('fetch failed', { cause: coded('UND_ERR_SOCKET') })],
    ['one of several', new AggregateError([new TypeError('no'), coded('EACCES')])],
    ['an end that was asked for', new DOMException('stop', 'AbortError')],
  ])('can pass: %s', (_, error) => {
    expect(isOwnFault(error)).toBe(false);
  });
});
