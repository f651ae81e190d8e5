/** `c`: a comment · `d`: one on a line of a pull request · `r`: the text of a review · `i`: an issue or pull request itself. */
export type MessageKind = 'c' | 'd' | 'r' | 'i';

export interface GitHubMessageId {
  /** When it was written, epoch seconds: the history is asked by time, and each kind counts for itself. */
  seconds: number;
  kind: MessageKind;
  /** GitHub's id; for `i` the number. */
  id: number;
}

const FORM = /^(\d{1,12})-([cdri])(\d{1,16})$/;

export function messageIdOf(createdAt: string, kind: MessageKind, id: number): string {
  return `${Math.floor(Date.parse(createdAt) / 1000)}-${kind}${id}`;
}

export function parseMessageId(messageId: string): GitHubMessageId | null {
  const [, seconds, kind, id] = FORM.exec(messageId) ?? [];
  if (kind !== 'c' && kind !== 'd' && kind !== 'r' && kind !== 'i') return null;
  return { seconds: Number(seconds), kind, id: Number(id) };
}
