import { type Clock, sleep } from '../../src/clock.js';
import { listAudit } from '../../src/db/audit.js';
import type { CentralDb } from '../../src/db/central.js';
import type { Pairings } from '../../src/pairing.js';

const LOOK_EVERY_MS = 200;
/** Among the newest entries: it was written in the transaction that used the code, moments ago. */
const NEWEST = 200;

export type PairingState =
  | { state: 'open' | 'expired' }
  | { state: 'used'; sender: string; platformId: string; folder: string };

/** Looks until the running host has redeemed the code, or it cannot be any more, or the time is over. */
export async function awaitPairing(
  clock: Clock,
  { db, pairings, id }: { db: CentralDb; pairings: Pick<Pairings, 'status'>; id: string },
  longestMs: number,
): Promise<PairingState> {
  for (const until = clock.monotonic() + longestMs; ; ) {
    const { state, usedBy } = pairings.status(id);
    if (state === 'used') return { state, sender: usedBy ?? '', ...registeredBy(db, id) };
    if (state === 'expired' || clock.monotonic() >= until) return { state };
    await sleep(clock, LOOK_EVERY_MS);
  }
}

/** Which chat the code was sent in, and what it was wired to. */
function registeredBy(db: CentralDb, id: string): { platformId: string; folder: string } {
  const entry = listAudit(db, NEWEST).find(
    ({ action, detail }) => action === 'pairing.used' && detail.pairing === id,
  );
  const folder = entry?.detail.folder;
  return { platformId: entry?.subject ?? '', folder: typeof folder === 'string' ? folder : '' };
}
