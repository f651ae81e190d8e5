/**
 * Named places where the crash matrix kills the process (docs/reliability.md#how-it-is-shown).
 * Inert unless `WHARFIE_CRASH_AT` names the point; `WHARFIE_CRASH_AT=name#3` dies at the third passage.
 */
export type CrashPointName =
  | 'intake:before-commit'
  | 'intake:after-commit'
  | 'wake:before-start'
  | 'wake:after-start'
  | 'delivery:before-send'
  | 'delivery:after-send'
  | 'delivery:after-mark'
  | 'sweep:recurrence'
  | 'folders:before-move'
  | 'folders:after-move'
  | 'backup:half-way'
  | 'restore:half-way'
  | 'update:backed-up'
  | 'update:half-switched'
  | 'update:migrated'
  | 'update:verified';

export type CrashPoint = (name: CrashPointName) => void;

export function createCrashPoint(armed: string | undefined): CrashPoint {
  if (!armed) return () => {};
  const [point, nth = '1'] = armed.split('#');
  let left = Number(nth);
  return (name) => {
    if (name !== point) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  };
}
