import { type Mail, readHeader } from './packets.js';

/** Who receives mail for Resend, and says in the mail what it found out about the sender. */
const RECEIVER = 'amazonses.com';

/**
 * Headers that a mail has once (rfc-editor.org/rfc/rfc5322#section-3.6). A signature covers one of two, and which of
 * them is shown is anybody's choice (rfc-editor.org/rfc/rfc6376#section-8.15).
 */
const ONCE = [
  ...['from', 'sender', 'reply-to', 'to', 'cc', 'bcc', 'subject', 'date'],
  ...['message-id', 'in-reply-to', 'references'],
];

/** What the receiver says once of the envelope, whose words are the sender's. */
const OF_ENVELOPE = /^(?:spf|client-ip|envelope-from|smtp\.mailfrom|helo|smtp\.helo)$/;

/**
 * Whether the domain of this address vouches for the mail (RFC 8601): DMARC passed for it, or where it has no such
 * policy, its own signature. A sender gets words into the receiver's header (MAIL FROM, HELO) and can add headers that
 * look like it: one that cannot be read, or a second one, is a no.
 */
export function isVerified(mail: Pick<Mail, 'headers'>, address: string): boolean {
  if (ONCE.some((name) => readHeader(mail, name).length > 1)) return false;
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  const told = readHeader(mail, 'authentication-results').filter(isReceivers);
  const [only] = told;
  const results = told.length === 1 && typeof only === 'string' ? resultsOf(only) : null;
  if (!results) return false;
  const dmarc = results.filter(({ method }) => method === 'dmarc');
  if (dmarc.length > 1) return false;
  const verdict = dmarc[0];
  if (verdict?.result === 'pass') return verdict.properties.get('header.from') === domain;
  if (verdict && verdict.result !== 'none') return false;
  return results.some(
    ({ method, result, properties }) =>
      method === 'dkim' && result === 'pass' && signerOf(properties) === domain,
  );
}

const signerOf = (properties: Map<string, string>) =>
  properties.get('header.d') ?? properties.get('header.i')?.replace(/^.*@/, '');

/**
 * Whether the receiver wrote this header, or somebody in its name. Only the beginning tells, which no sender can alter:
 * what follows may be unreadable. A beginning that cannot be read counts as the receiver's.
 */
function isReceivers(header: string | null): boolean {
  const start = header === null ? null : withoutLeadingComments(header);
  if (start === null) return true;
  const name = start.replace(/["\\]/g, '').toLowerCase();
  return name.startsWith(RECEIVER) && !/^\.?[\w-]/.test(name.slice(RECEIVER.length));
}

/** Null where a comment does not end. */
function withoutLeadingComments(header: string): string | null {
  let depth = 0;
  for (let at = 0; at < header.length; at += 1) {
    const letter = header.charAt(at);
    if (letter === '(') depth += 1;
    else if (letter === ')' && depth > 0) depth -= 1;
    else if (letter === '\\' && depth > 0) at += 1;
    else if (depth === 0 && !/\s/.test(letter)) return header.slice(at, at + 100);
  }
  return depth === 0 ? '' : null;
}

interface Result {
  method: string;
  result: string;
  properties: Map<string, string>;
}

/**
 * What the receiver says; null where any of it cannot be read. It writes no quotes, closes its comments, and every word
 * of it but the first has its name before it.
 */
function resultsOf(header: string): Result[] | null {
  const [receiver = '', ...parts] = withoutComments(header)?.toLowerCase().split(';') ?? [];
  if (!/^\s*amazonses\.com(?:\s+\d+)?\s*$/.test(receiver)) return null;
  const results: Result[] = [];
  for (const part of parts) {
    if (part.trim() === '') continue;
    const pairs = part.trim().split(/\s+/).map(pairIn);
    const [[method, result] = ['', ''], ...properties] = pairs;
    const named = new Map(properties);
    if (pairs.some(([name]) => name === '') || named.size < properties.length) return null;
    results.push({ method: method.replace(/\/\d+$/, ''), result, properties: named });
  }
  return isWhole(results) ? results : null;
}

/**
 * Whether no word of the envelope has become a result. The receiver writes the address, then the name of the sender's
 * machine, then what it found out: a result between them, or either of them twice, is the sender's.
 */
function isWhole(results: readonly Result[]): boolean {
  const told = results.flatMap(({ method, properties }) => [method, ...properties.keys()]);
  const once = told.filter((name) => OF_ENVELOPE.test(name));
  if (new Set(once).size < once.length) return false;
  const from = results.findIndex(({ method }) => method === 'envelope-from');
  if (from >= 0 && results[from + 1]?.method !== 'helo') return false;
  const signatures = results.filter(({ method }) => method === 'dkim');
  return signatures.length < 2 || signatures.every(({ result }) => result !== 'none');
}

/** A word without `=` has no name. */
function pairIn(word: string): [name: string, value: string] {
  const at = word.indexOf('=');
  return [word.slice(0, Math.max(at, 0)), word.slice(at + 1)];
}

function withoutComments(header: string): string | null {
  if (/["\\]/.test(header)) return null;
  let depth = 0;
  let plain = '';
  for (const letter of header) {
    if (letter === '(') depth += 1;
    else if (letter === ')') depth -= 1;
    // One that reaches into the next result was begun by somebody else.
    if (depth < 0 || (depth > 0 && letter === ';')) return null;
    // A comment parts two words like a blank.
    plain += depth > 0 || letter === ')' ? ' ' : letter;
  }
  return depth === 0 ? plain : null;
}
