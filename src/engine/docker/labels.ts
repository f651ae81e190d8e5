import type { ContainerSpec, RunningContainer } from '../types.js';

/** Only containers with this installation's label are ever touched. */
export const INSTALLATION = 'wharfie.installation';
const SESSION = 'wharfie.session';
const INCARNATION = 'wharfie.incarnation';
const MODE = 'wharfie.mode';

/** On the image: the hash of what it was built from. */
export const RUNNER_HASH = 'wharfie.runner-hash';
/** On the image: what it stands on, where somebody chose that. The next build stands on the same. */
export const BASE_IMAGE = 'wharfie.base-image';

export type Labels = Record<string, string>;

export function labelsOf(spec: ContainerSpec, installationId: string): Labels {
  return {
    [INSTALLATION]: installationId,
    [SESSION]: spec.sessionId,
    [INCARNATION]: String(spec.incarnation),
    [MODE]: spec.mode,
  };
}

/** A container of this installation by its labels, null for anybody else's. */
export function readLabels(name: string, labels: Labels, installationId: string): RunningContainer | null {
  const sessionId = labels[SESSION];
  const incarnation = Number(labels[INCARNATION]);
  if (labels[INSTALLATION] !== installationId || !sessionId || !Number.isInteger(incarnation)) return null;
  return { name, sessionId, incarnation, mode: labels[MODE] === 'recover' ? 'recover' : 'run' };
}
