import { parse } from 'dotenv';
import { expect, test } from 'vitest';
import { setEnvValues } from '../../../../setup/lib/env-edit.js';
import { gchatFacts } from '../../../../src/channels/catalog/gchat.js';
import { parseServiceAccount } from '../../../../src/channels/gchat/account.js';
import { KEY_FILE } from '../../../fakes/gchat/tokens.js';

const [KEY] = gchatFacts.credentials;
/** As the skill has it made: the downloaded file without its line ends. */
const oneLine = JSON.stringify(KEY_FILE, null, 2).replace(/[\r\n]/g, '');

test('a key file that was made one line lives in .env', () => {
  expect(oneLine).toMatch(KEY?.pattern ?? /^$/);
  const env = parse(setEnvValues('# comment\nA=1\n', { GCHAT_CREDENTIALS: oneLine }));
  expect(env).toEqual({ A: '1', GCHAT_CREDENTIALS: oneLine });
  expect(parseServiceAccount(env.GCHAT_CREDENTIALS ?? '')).toMatchObject({
    client_email: KEY_FILE.client_email,
    private_key: KEY_FILE.private_key,
  });
});

test.each([
  ['nothing', ''],
  ['its first line', '{'],
  ['the key alone', KEY_FILE.private_key],
  ['a client secret', '{"installed":{"client_id":"1","client_secret":"x"}}'],
  ['half a key', JSON.stringify({ ...KEY_FILE, private_key: KEY_FILE.private_key.slice(0, 300) })],
])('%s is no key file', (_, text) => {
  expect(parseServiceAccount(text)).toBeNull();
});
