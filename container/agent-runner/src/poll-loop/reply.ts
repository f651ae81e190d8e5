import type { Answer } from '../providers/types.ts';

/** A working note above this length is never only a word about work under way. */
const LONG_NOTE = 300;
const PARAGRAPH = '\n\n';

interface Passage {
  text: string;
  /** It stood before a tool call, or the turn was begun anew after it: not yet the reply. */
  note: boolean;
}

/**
 * What of a turn is said, '' where the agent wrote nothing for the person. The reply is what stood before no tool call.
 * Where it is empty, or shorter than a working note, the longest note and every other long one are said with it, in the
 * order in which they were written.
 */
export function composeReply(turn: {
  /** Of tries that broke off: the model was told to end with the answer once more, so that these are notes. */
  earlier: readonly Answer[];
  answers: readonly Answer[];
  /** What the turn has already said in the chat. */
  sent: readonly string[];
  /** In UTF-16 code units. */
  most: number;
}): string {
  const earlier = passagesOf(turn.earlier).map(({ text }) => ({ text, note: true }));
  const passages = [...earlier, ...passagesOf(turn.answers)];
  const replies = passages.filter((passage) => !passage.note);
  const candidates = [...replies, ...worthSaying(passages, replies.at(-1)?.text ?? '')];
  const sent = turn.sent.map(plain);
  const said = passages.filter(
    (passage) =>
      candidates.includes(passage) && !(passage.note && isSaidElsewhere(passage, candidates, sent)),
  );
  const notes = said.filter((passage) => passage.note);
  return fitted(join(said), { notes: join(notes), reply: join(replies), most: turn.most });
}

function worthSaying(passages: readonly Passage[], reply: string): Passage[] {
  const notes = passages.filter((passage) => passage.note);
  const longest = notes.reduce((most, { text }) => Math.max(most, text.length), 0);
  if (longest <= reply.length) return [];
  const first = notes.find(({ text }) => text.length === longest);
  return notes.filter((note) => note === first || note.text.length > LONG_NOTE);
}

function isSaidElsewhere(note: Passage, candidates: readonly Passage[], sent: readonly string[]): boolean {
  const text = plain(note.text);
  if (sent.some((one) => one.includes(text))) return true;
  const before = candidates.slice(0, candidates.indexOf(note));
  return candidates.some((one) => {
    const other = plain(one.text);
    return one !== note && other.includes(text) && (other.length > text.length || before.includes(one));
  });
}

/** Joins what was cut off and continued; leaves out what was declined. */
function passagesOf(answers: readonly Answer[]): Passage[] {
  const passages: Passage[] = [];
  let open: Passage | null = null;
  for (const { text, beforeTool, end } of answers) {
    if (end === 'declined') {
      open = null;
      continue;
    }
    const passage: Passage = open ?? { text: '', note: false };
    if (!open) passages.push(passage);
    passage.text += text;
    passage.note = beforeTool;
    open = end === 'cut' && !beforeTool ? passage : null;
  }
  const trimmed = passages.map((one) => ({ ...one, text: one.text.replace(/^\s*\n/, '').trimEnd() }));
  return trimmed.filter(({ text }) => text !== '');
}

function join(passages: readonly Passage[]): string {
  return passages.map(({ text }) => text).join(PARAGRAPH);
}

function plain(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** What is too long loses of its notes first, and of its reply last. */
function fitted(whole: string, parts: { notes: string; reply: string; most: number }): string {
  const { notes, reply, most } = parts;
  if (whole.length <= most) return whole;
  const room = most - reply.length - PARAGRAPH.length;
  if (reply === '') return shortened(notes, most);
  return room < LONG_NOTE
    ? shortened(reply, most)
    : [shortened(notes, room), reply].filter((part) => part !== '').join(PARAGRAPH);
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
