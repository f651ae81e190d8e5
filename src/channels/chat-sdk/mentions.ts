/**
 * Whether a Markdown text calls somebody (`@name`, in any case). Code calls nobody; a quote neither: it was said
 * before.
 */
export function mentions(text: string, name: string): boolean {
  const spoken = text
    .replace(/^ {0,3}(```|~~~).*?(?:^ {0,3}\1|$(?![\s\S]))/gms, '')
    .replace(/`[^`\n]*`/g, '')
    .replace(/^ {0,3}>.*$/gm, '');
  const plain = name.replace(/^@/, '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return plain !== '' && new RegExp(`(?<![\\w@/.-])@${plain}(?![\\w-])`, 'i').test(spoken);
}
