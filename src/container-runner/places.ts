import type { StoredSender } from '../db/content.js';

/** What a session brings to the line for a place. */
export interface Claim {
  role: StoredSender['role'];
  /** It is of the main group. */
  main: boolean;
}

/** How many places all may have together, all without a claim to the kept one, and guests. */
export interface Limits {
  all: number;
  others: number;
  guests: number;
}

/**
 * One place is kept for the main group, and one more for people who were let in: guests, who may be any number, leave
 * both free. Of a single place nothing can be kept, and without a main group nobody is there to keep it for.
 */
export function limitsOf(capacity: number, hasMain: boolean): Limits {
  const others = hasMain && capacity > 1 ? capacity - 1 : capacity;
  return { all: capacity, others, guests: Math.max(1, others - 1) };
}

const BEST_FIRST: readonly Claim['role'][] = ['owner', 'admin', 'member', 'guest'];

export const rankOf = ({ role }: Claim): number => BEST_FIRST.indexOf(role);

/** A main group's chat may be open as well: a guest there is a guest. */
const mayHaveKept = ({ role, main }: Claim): boolean => main && role !== 'guest';

/** Who among those that hold places keeps this claim from one; null: it may have one. */
export function inTheWay(
  claim: Claim,
  holders: readonly Claim[],
  limits: Limits,
): ((holder: Claim) => boolean) | null {
  const isGuest = ({ role }: Claim) => role === 'guest';
  const isOther = (one: Claim) => !mayHaveKept(one);
  if (isGuest(claim) && holders.filter(isGuest).length >= limits.guests) return isGuest;
  if (isOther(claim) && holders.filter(isOther).length >= limits.others) return isOther;
  return holders.length >= limits.all ? () => true : null;
}
