import { spokenIn } from '../spoken.js';

/**
 * Whether a Markdown text calls somebody (`@name`, in any case). What no reader sees as words of the writer calls
 * nobody: comments, code, the targets of links; nor does a quote: it was said before.
 */
export function mentions(text: string, name: string): boolean {
  const plain = name.replace(/^@/, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  if (plain === '') return false;
  return new RegExp(`(?<![\\w@/.-])@${plain}(?![\\w-])`, 'i').test(spokenIn(text, 'document'));
}
