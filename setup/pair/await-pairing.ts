import { type Clock, sleep } from '../../src/clock.js';
import { getAgentGroupByFolder } from '../../src/db/central/agent-groups.js';
import { listAudit } from '../../src/db/central/audit.js';
import type { CentralDb } from '../../src/db/central/index.js';
import { membershipsOf, roleIn } from '../../src/db/central/users.js';
import type { Pairings } from '../../src/people/pairing.js';

const LOOK_EVERY_MS = 200;
/** Among the newest entries: it was written in the transaction that used the code, moments ago. */
const NEWEST = 200;

export type PairingState =
  | { state: 'open' | 'expired' }
  | {
      state: 'used';
      sender: string;
      platformId: string;
      folder: string;
      /** What its sender is for that agent group now. */
      role: string;
      /** Messages of the chat that were written before the code and are answered now. */
      replayed: number;
    };

/** Looks until the running host has redeemed the code, or it cannot be any more, or the time is over. */
export async function awaitPairing(
  clock: Clock,
  { db, pairings, id }: { db: CentralDb; pairings: Pick<Pairings, 'status'>; id: string },
  longestMs: number,
): Promise<PairingState> {
  for (const until = clock.monotonic() + longestMs; ; ) {
    const { state, usedBy } = pairings.status(id);
    if (state === 'used') return { state, ...registeredBy(db, id, usedBy ?? '') };
    if (state === 'expired' || clock.monotonic() >= until) return { state };
    await sleep(clock, LOOK_EVERY_MS);
  }
}

/** Which chat the code was sent in, what it was wired to, and what became of its sender. */
function registeredBy(db: CentralDb, id: string, sender: string) {
  const entry = listAudit(db, NEWEST).find(
    ({ action, detail }) => action === 'pairing.used' && detail.pairing === id,
  );
  const { folder, replayed } = entry?.detail ?? {};
  const known = typeof folder === 'string' ? folder : '';
  const agentGroup = known === '' ? undefined : getAgentGroupByFolder(db, known);
  return {
    sender,
    platformId: entry?.subject ?? '',
    folder: known,
    role: (agentGroup && roleIn(membershipsOf(db, sender), agentGroup.id)) ?? 'none',
    replayed: typeof replayed === 'number' ? replayed : 0,
  };
}
