// A resolution hook: packages of channels that are not enabled lie below test/channels; what they share is the root's.
import { readFileSync } from 'node:fs';

const root = new URL('../../../package.json', import.meta.url);
const channels = new URL('test/channels/package.json', root);
const names = Object.keys(JSON.parse(readFileSync(channels, 'utf8')).dependencies);
const shared = ['chat', '@chat-adapter/shared'];
const isOf = (specifier) => (name) => specifier === name || specifier.startsWith(`${name}/`);

export function resolve(specifier, context, next) {
  const from = shared.some(isOf(specifier)) ? root : names.some(isOf(specifier)) ? channels : null;
  return next(specifier, from === null ? context : { ...context, parentURL: from.href });
}
