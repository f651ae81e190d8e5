/** A code block that is open: how it was opened (indentation, marker, language) and what closes it. */
export interface Fence {
  opener: string;
  closer: string;
}

const OPENING = /^([ \t]*)(`{3,}|~{3,})([^\n]*)$/;
/** Longer language tags are cut where a block is opened again: no language is called that. */
const LONGEST_TAG = 20;

/** The code block that is open after `text`, when `open` was open before it. */
export function fenceAfter(open: Fence | null, text: string): Fence | null {
  let fence = open;
  for (const line of text.split('\n')) fence = fenceAfterLine(fence, line);
  return fence;
}

export function fenceAfterLine(open: Fence | null, line: string): Fence | null {
  const found = OPENING.exec(line);
  if (!found) return open;
  const [, indent = '', marker = '', tag = ''] = found;
  if (open) {
    const closes = tag.trim() === '' && marker.startsWith(open.closer.trim());
    return closes ? null : open;
  }
  // CommonMark: the tag of a backtick fence holds no backtick, else the line is inline code.
  if (marker.startsWith('`') && tag.includes('`')) return null;
  return { opener: `${indent}${marker}${tag.trimEnd().slice(0, LONGEST_TAG)}`, closer: `${indent}${marker}` };
}
