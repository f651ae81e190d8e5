/** Places where the crash matrix kills the runner (docs/reliability.md#how-it-is-shown). */
export type CrashPointName =
  | 'runner:after-claim'
  | 'runner:mid-turn-after-send'
  | 'runner:before-commit'
  | 'runner:after-commit';

export type CrashPoint = (name: CrashPointName) => void;

/**
 * Inert unless armed by `WHARFIE_CRASH_AT`: `<name>`, `<name>#3` (the third passage), `<name>#1@2` or `<name>@2` (only
 * in the incarnation given: the next one has the same environment and must get through).
 */
export function createCrashPoint(armed: string | undefined, incarnation: number): CrashPoint {
  const match = /^(runner:[a-z-]+)(?:#(\d+))?(?:@(\d+))?$/.exec(armed ?? '');
  if (!match) return () => {};
  const [, point, nth = '1', only] = match;
  if (only !== undefined && Number(only) !== incarnation) return () => {};
  let left = Number(nth);
  return (name) => {
    if (name !== point) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  };
}
