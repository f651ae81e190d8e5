import { randomBytes } from 'node:crypto';
import type { HostClient, LineOutcome } from './host-client.js';
import type { Finding } from './types.js';

const LONGEST_MS = 180_000;

export interface RoundTrip {
  result: 'passed' | 'failed';
  findings: Finding[];
  /** What else the terminal's chat was told meanwhile: it was kept for a person, who sees it here in its place. */
  others: string[];
}

/** A word that no conversation has had yet. */
export function newNonce(): string {
  return `check-${randomBytes(4).toString('hex')}`;
}

/** Says a new word in the terminal's chat: router, inbound.db, agent, outbound.db and delivery have to bring it back. */
export async function roundTrip(host: Pick<HostClient, 'line'>, nonce: string): Promise<RoundTrip> {
  const question = `This is a check of the connection. Answer with this word and nothing else: ${nonce}`;
  const outcome = await host.line(question, LONGEST_MS);
  const findings = judgeRoundTrip(outcome, nonce);
  const answered = outcome.end === 'done' && findings.length === 0;
  const others = answered ? outcome.said.filter((text) => !text.includes(nonce)) : [];
  return { result: findings.some((one) => one.severity === 'error') ? 'failed' : 'passed', findings, others };
}

/** The mock says back what it hears: that tells nothing about the agents whom the other chats lead to. */
export function judgeAnswerer(by: 'claude' | 'mock', claudeChats: number): Finding[] {
  if (by === 'claude' || claudeChats === 0) return [];
  return [
    {
      id: 'round-trip-by-mock',
      layer: 'round-trip',
      severity: 'error',
      message: `The word came back from the mock in the terminal; ${claudeChats} chats lead to Claude, whom nobody has asked.`,
      fix: './wharfie service (which starts the host anew: it then takes the real agent)',
    },
  ];
}

const LOG =
  './wharfie container (which tests the agent), then ./wharfie verify; the end of data/logs/wharfie.log tells more';

export function judgeRoundTrip({ end, said }: LineOutcome, nonce: string): Finding[] {
  const layer = 'round-trip';
  const last = said.at(-1)?.slice(0, 500);
  const error = (id: string, message: string, fix = LOG): Finding[] => [
    { id, layer, severity: 'error', message, fix },
  ];
  switch (end) {
    case 'waiting':
      return error(
        'round-trip-waiting',
        `The message is kept, but cannot be answered yet. ${last ?? ''}`.trim(),
      );
    case 'failed':
      return error('round-trip-failed', `The message failed. ${last ?? 'No reason was said.'}`);
    case 'refused':
      return error('round-trip-refused', `The host did not take the message in: ${last ?? ''}`);
    case 'lost':
      return error('round-trip-lost', 'The host ended while it worked on the message.');
    case 'late':
      return error('round-trip-late', `No answer came within ${LONGEST_MS / 1000} s.`);
    case 'done':
      if (said.some((text) => text.includes(nonce))) return [];
      if (last === undefined)
        return error('round-trip-silent', 'The message was handled, but nothing was said.');
      return [
        {
          id: 'round-trip-odd',
          layer,
          severity: 'warning',
          message: `An answer came, but not with the word that was asked for: ${JSON.stringify(last.slice(0, 200))}`,
          fix: 'Talk to it (npm run chat) and see whether it answers sensibly.',
        },
      ];
  }
}
