/** Something a person says. Every mark is a word that the answers must hold exactly once. */
export interface Asked {
  text: string;
  /** Said by the agent before the turn ends, in this order. */
  sends: string[];
  /** In the answer that ends the turn. */
  replies: string[];
}

export interface Tally {
  sent: number;
  answered: number;
  lost: number;
  doubled: number;
  outOfOrder: number;
  /** Not acknowledged by a host to a platform that tells nothing twice, and not answered: whoever asked was told. */
  unheard: number;
}

/** An answer that echoes the message. */
export const echo = (mark: string): Asked => ({ text: mark, sends: [], replies: [mark] });

/** Something said in the middle of the turn, and an answer at its end. */
export const sendThenReply = (mark: string): Asked => ({
  text: `!send ${mark}-sent ;; !reply ${mark}-replied`,
  sends: [`${mark}-sent`],
  replies: [`${mark}-replied`],
});

/** An answer that takes three messages of a platform on which one message holds a little more than `length` characters. */
export const longReply =
  (length = 1800) =>
  (mark: string): Asked => {
    const replies = ['first', 'second', 'third'].map((part) => `${mark}-${part}`);
    const filling = ' …'.repeat(length / 2);
    return { text: `!reply ${replies.map((part) => part + filling).join(' ')}`, sends: [], replies };
  };

/** That for the first question, and a word for the others: two such answers in one turn would be cut. */
export const onlyFirst =
  (long: (mark: string) => Asked) =>
  (mark: string): Asked =>
    mark === 'm1' ? long(mark) : echo(mark);

/**
 * Compares what one chat was asked with what was said there. Order is that of the questions, for what turns say at
 * their end and for what they say before it, each by itself: a turn may take in several messages.
 */
export function tally(
  everything: readonly Asked[],
  said: readonly string[],
  refused: ReadonlySet<Asked> = new Set(),
): Tally {
  const all = said.join('\n');
  const places = (mark: string) =>
    [...all.matchAll(new RegExp(`${mark}(?![\\w-])`, 'g'))].map((hit) => hit.index);
  // What was not acknowledged may have been taken in all the same; then it must come to its end like everything.
  const begun = (one: Asked) => [...one.sends, ...one.replies].some((mark) => places(mark).length > 0);
  const asked = everything.filter((one) => !refused.has(one) || begun(one));
  const questions = asked.map((one) => [...one.sends, ...one.replies]).filter((marks) => marks.length > 0);
  const marks = questions.flat();
  return {
    sent: questions.length,
    answered: questions.filter((own) => own.every((mark) => places(mark).length > 0)).length,
    lost: marks.filter((mark) => places(mark).length === 0).length,
    doubled: marks.filter((mark) => places(mark).length > 1).length,
    outOfOrder:
      falls(asked.flatMap((one) => one.sends).map((mark) => places(mark)[0])) +
      falls(asked.flatMap((one) => one.replies).map((mark) => places(mark)[0])),
    unheard: everything.length - asked.length,
  };
}

/** How often a number is smaller than one before it; what is missing does not count. */
function falls(found: readonly (number | undefined)[]): number {
  let highest = -1;
  let count = 0;
  for (const at of found) {
    if (at === undefined) continue;
    if (at < highest) count += 1;
    else highest = at;
  }
  return count;
}

export function addTallies(tallies: readonly Tally[]): Tally {
  const sum: Tally = { sent: 0, answered: 0, lost: 0, doubled: 0, outOfOrder: 0, unheard: 0 };
  for (const one of tallies) {
    sum.sent += one.sent;
    sum.answered += one.answered;
    sum.lost += one.lost;
    sum.doubled += one.doubled;
    sum.outOfOrder += one.outOfOrder;
    sum.unheard += one.unheard;
  }
  return sum;
}
