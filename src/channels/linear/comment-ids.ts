import { createHash } from 'node:crypto';

const hexOf = (text: string) => createHash('sha256').update(`wharfie:${text}`).digest('hex');
const uuidOf = (first: string) =>
  `${first.slice(0, 8)}-${first.slice(8, 12)}-4${first.slice(13, 16)}-a${first.slice(17, 20)}`;
/** The end of an id, which follows from its beginning. */
const markOf = (beginning: string) => hexOf(`comment ${beginning}`).slice(0, 12);

/**
 * Linear takes the id of a comment from whoever writes it: the same for each attempt at the same part. It ends as only
 * an id of a Wharfie does, whichever account that one has: to Linear the owner of a key is a person.
 */
export function commentIdOf(key: string): string {
  const beginning = uuidOf(hexOf(key));
  return `${beginning}-${markOf(beginning)}`;
}

/** Whether a Wharfie has written it, of this installation or of another. */
export const isOfWharfie = (commentId: string): boolean =>
  commentId.slice(24).toLowerCase() === markOf(commentId.slice(0, 23).toLowerCase());
