/** Why a container is stopped, where that is the container's own fault: the message it worked on is charged a try. */
export const FAULTS = ['stuck', 'turn-too-long', 'lock-held', 'bad-output', 'disk-full'] as const;
export type Fault = (typeof FAULTS)[number];

/** Reasons of ours that say nothing against the work: idle, evicted, stopped by a person, the host went away. */
export function isFault(reason: string | null): boolean {
  return reason === null || FAULTS.some((fault) => fault === reason);
}
