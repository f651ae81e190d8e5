/** All times are the monotonic clock's, in milliseconds. */
export interface LivenessLimits {
  /** A heartbeat that does not change for this long means that the runner hangs. */
  stuckMs: number;
  /** Longest that one turn may be quiet while its heartbeat beats. */
  turnMs: number;
  /** Longest that a container without work is kept. */
  idleMs: number;
}

/** What the host remembers of a container from pass to pass. */
export interface Observation {
  incarnation: number;
  mtime: number | null;
  /** When the heartbeat was last seen to change. */
  beatAt: number;
  /** The oldest open message, and since when it is that one or the runner last rang. */
  head: string | null;
  quietSince: number;
}

/** A running container at one moment. */
export interface Sample {
  now: number;
  incarnation: number;
  /** The heartbeat file's modification time, null where there is none. Only its changes count, not its value. */
  mtime: number | null;
  head: string | null;
  /** Last wake or ring. */
  activeAt: number;
  /** Last ring. */
  rangAt: number;
  /** The host itself did not run for a while before this pass. */
  afterGap: boolean;
}

export type Verdict = 'leave' | 'stuck' | 'turn-too-long' | 'idle';

/**
 * Is this container to be stopped, and why? Pure: the memory goes in and comes out. The first look at an incarnation
 * never stops it, so no pass ends what it started.
 */
export function judge(
  before: Observation | undefined,
  sample: Sample,
  limits: LivenessLimits,
): { observation: Observation; verdict: Verdict } {
  const { now, incarnation, mtime, head } = sample;
  if (!before || before.incarnation !== incarnation || sample.afterGap) {
    return {
      observation: { incarnation, mtime, beatAt: now, head, quietSince: now },
      verdict: 'leave',
    };
  }
  const beatAt = mtime === before.mtime ? before.beatAt : now;
  const quietSince = head === before.head ? Math.max(before.quietSince, sample.rangAt) : now;
  const observation = { incarnation, mtime, beatAt, head, quietSince };
  return { observation, verdict: verdictOf(observation, sample, limits) };
}

function verdictOf(seen: Observation, sample: Sample, limits: LivenessLimits): Verdict {
  if (sample.now - seen.beatAt >= limits.stuckMs) return 'stuck';
  if (sample.head !== null) return sample.now - seen.quietSince >= limits.turnMs ? 'turn-too-long' : 'leave';
  // The work may have ended without a ring that was heard: idle time counts from there.
  return sample.now - Math.max(sample.activeAt, seen.quietSince) >= limits.idleMs ? 'idle' : 'leave';
}
