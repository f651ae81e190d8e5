import { headerValues, type Mail } from './packets.js';

/** Who receives mail for Resend, and says in the mail what it found out about the sender. */
const RECEIVER = 'amazonses.com';

/**
 * Whether the domain of this address vouches for the mail (RFC 8601): DMARC passed for it, or where it has no such
 * policy, its own signature. What a sender can write into the header, in comments, quotes or a header of their own, never makes
 * it so: where anything is doubtful the answer is no.
 */
export function isVerified(mail: Pick<Mail, 'headers'>, address: string): boolean {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  const told = headerValues(mail, 'authentication-results').flatMap((value) => resultsOf(value) ?? []);
  const own = told.filter(({ receiver }) => receiver === RECEIVER);
  const [only] = own;
  if (!only || own.length > 1) return false;
  const dmarc = only.results.filter(({ method }) => method === 'dmarc');
  if (dmarc.length > 1) return false;
  const verdict = dmarc[0];
  if (verdict?.result === 'pass') return verdict.properties.get('header.from') === domain;
  if (verdict && verdict.result !== 'none') return false;
  return only.results.some(
    ({ method, result, properties }) =>
      method === 'dkim' && result === 'pass' && signerOf(properties) === domain,
  );
}

const signerOf = (properties: Map<string, string>) =>
  properties.get('header.d') ?? properties.get('header.i')?.replace(/^.*@/, '');

interface Results {
  receiver: string;
  results: { method: string; result: string; properties: Map<string, string> }[];
}

/** Null for what has quotes or unbalanced comments: no verdict of a receiver needs them. */
function resultsOf(header: string): Results | null {
  const plain = withoutComments(header);
  if (plain === null) return null;
  const [receiver = '', ...parts] = plain.toLowerCase().split(';');
  const results = parts.map((part) => {
    const pairs = part
      .trim()
      .split(/\s+/)
      .map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)] as const);
    const [[method, result] = ['', ''], ...properties] = pairs;
    return { method, result, properties: new Map(properties) };
  });
  return { receiver: receiver.trim().split(/\s+/)[0] ?? '', results };
}

function withoutComments(header: string): string | null {
  if (/["\\]/.test(header)) return null;
  let depth = 0;
  let plain = '';
  for (const letter of header) {
    if (letter === '(') depth += 1;
    else if (letter === ')') depth -= 1;
    else if (depth === 0) plain += letter;
    if (depth < 0) return null;
  }
  return depth === 0 ? plain : null;
}
