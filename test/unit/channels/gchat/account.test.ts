import { createServer } from 'node:http';
import { parse } from 'dotenv';
import { expect, onTestFinished, test } from 'vitest';
import { setEnvValues } from '../../../../setup/lib/env-edit.js';
import { gchatFacts } from '../../../../src/channels/catalog/gchat.js';
import { createAccountTokens, parseServiceAccount } from '../../../../src/channels/gchat/account.js';
import { systemClock } from '../../../../src/clock.js';
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

test('an answer that is no JSON is an outage of the token server, and comes back', async () => {
  const server = createServer((_, response) => response.end('<html>Please sign in to this network</html>'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const account = parseServiceAccount(JSON.stringify(KEY_FILE));
  if (!account) throw new Error('no account');
  const tokens = createAccountTokens({ account, tokenUrl: `http://127.0.0.1:${port}/`, clock: systemClock });
  await expect(tokens.get()).rejects.toMatchObject({ code: 'gchat-outage', errorClass: 'transient' });
});
