import { appendFileSync } from 'node:fs';
import { parseMarkdown } from 'chat';
import { unified } from 'unified';

/** Loaded into a host before it begins: each text that is given to the Markdown parser becomes a line of this file. */
const file = process.env.PARSED_TEXTS;
const prototype = Object.getPrototypeOf(unified);
const { parse } = prototype;
prototype.parse = function watched(text) {
  if (file) appendFileSync(file, `${JSON.stringify(String(text))}\n`);
  return parse.call(this, text);
};
// The parser of the adapters is the one that is watched.
parseMarkdown('watched');
