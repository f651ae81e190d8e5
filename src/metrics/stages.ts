/**
 * The way of one message in stages. `intake`: received → durable · `claim`: → taken by the runner, with the start of
 * its container where there was none · `model`: → the model's first byte · `answer`: → the reply is in outbound.db ·
 * `send`: → the platform has all of it · `total`: the whole way.
 */
export const STAGES = ['intake', 'claim', 'model', 'answer', 'send', 'total'] as const;
export type Stage = (typeof STAGES)[number];

/** Epoch milliseconds; null where nobody saw it. `claimed`, `firstByte` and `replied` are the container's word. */
export interface Moments {
  received: number;
  committed: number | null;
  claimed: number | null;
  firstByte: number | null;
  replied: number;
  sent: number;
}

export type StageTimes = Partial<Record<Stage, number>>;

/** Milliseconds of each stage whose both ends are known. What a container claims is held within what the host saw. */
export function stagesOf(moments: Moments): StageTimes {
  const { received } = moments;
  const sent = Math.max(received, moments.sent);
  let last = received;
  const within = (at: number | null) => {
    if (at === null) return null;
    last = Math.min(Math.max(at, last), sent);
    return last;
  };
  const committed = within(moments.committed);
  const claimed = within(moments.claimed);
  const firstByte = within(moments.firstByte);
  const replied = within(moments.replied);
  const steps: [Stage, number | null, number | null][] = [
    ['intake', received, committed],
    ['claim', committed, claimed],
    ['model', claimed, firstByte],
    ['answer', firstByte, replied],
    ['send', replied, sent],
    ['total', received, sent],
  ];
  const times: StageTimes = {};
  for (const [stage, from, to] of steps) if (from !== null && to !== null) times[stage] = to - from;
  return times;
}
