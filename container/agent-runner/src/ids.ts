import { randomBytes } from 'node:crypto';

/** `out` rows, `q` questions, `ser` task series (named as on the host), `turn` one turn of the agent. */
export type IdPrefix = 'out' | 'q' | 'ser' | 'turn';

export type NewId = (prefix: IdPrefix) => string;

/** `<prefix>_<20 hex>`. */
export const newId: NewId = (prefix) => `${prefix}_${randomBytes(10).toString('hex')}`;
