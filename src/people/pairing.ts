import { createHash, randomInt } from 'node:crypto';
import type { z } from 'zod';
import type { InboundEvent } from '../channels/adapter.js';
import type { Clock } from '../clock.js';
import { addAudit } from '../db/central/audit.js';
import type { CentralDb } from '../db/central/index.js';
import {
  addWrongTry,
  clearWrongTries,
  createPairing,
  findOpenPairing,
  getPairing,
  hasOpenPairing,
  purgePairings,
  usePairing,
  wrongTries,
} from '../db/central/pairings.js';
import { parseStored } from '../db/stored-json.js';
import { WharfieError } from '../errors.js';
import { newId } from '../ids.js';
import type { Registered, Registration } from './registration/index.js';
import {
  invalidRequest,
  type RegistrationRequest,
  registrationRequestSchema,
} from './registration/request.js';

const HOUR_MS = 3_600_000;
const MAX_WRONG_TRIES = 5;
/** Owner from the host's first start on; on a platform that is nobody. */
const LOCAL_OWNER = 'cli:owner';

/** What the chat that sends the code is registered with; the rest comes from that chat and its sender. */
export type PairingRequest = Omit<
  RegistrationRequest,
  | 'channelType'
  | 'platformId'
  | 'isGroup'
  | 'adminUserId'
  | 'adminUserName'
  | 'ownerIfNone'
  | 'ownerBeside'
  | 'actor'
>;

const pairingRequestSchema = registrationRequestSchema
  .omit({ channelType: true, platformId: true, isGroup: true, adminUserId: true })
  .omit({ adminUserName: true, ownerIfNone: true, ownerBeside: true, actor: true });

/** Throws a RegistrationError that names all that is wrong with it. */
export function checkPairingRequest(request: PairingRequest): z.output<typeof pairingRequestSchema> {
  const checked = pairingRequestSchema.safeParse(request);
  if (!checked.success) throw invalidRequest(checked.error);
  return checked.data;
}

export type PairingOutcome =
  /** The message is no code, or nobody waits for one. */
  | { kind: 'no-code' }
  | { kind: 'wrong'; tries: number }
  /** Too many wrong codes: for an hour not even the right one counts. */
  | { kind: 'locked' }
  | { kind: 'paired'; registered: Registered }
  /** The right code, but what it was made for cannot be registered. */
  | { kind: 'failed'; error: WharfieError };

export interface Pairings {
  /** The code is shown once, on the operator's terminal, and stored hashed. Throws a RegistrationError. */
  create(input: { channelType: string; request: PairingRequest; ttlMs?: number }): {
    id: string;
    code: string;
    expiresAt: number;
  };
  status(id: string): { state: 'open' | 'used' | 'expired'; usedBy: string | null };
  /** The message is a code that is waited for on its channel. */
  recognises(event: Pick<InboundEvent, 'channelType' | 'text'>): boolean;
  /** Checks a message of a chat or sender that is not let in yet, and registers the chat if it is the code. */
  redeem(
    event: Pick<InboundEvent, 'channelType' | 'platformId' | 'isGroup' | 'sender' | 'text'>,
  ): PairingOutcome;
}

export interface PairingsDeps {
  db: CentralDb;
  clock: Clock;
  registration: Pick<Registration, 'register'>;
}

export function createPairings(deps: PairingsDeps): Pairings {
  const { db, clock } = deps;
  return {
    create({ channelType, request, ttlMs = HOUR_MS }) {
      const now = clock.now();
      const code = makePairCode();
      const checked = checkPairingRequest(request);
      purgePairings(db, now - HOUR_MS);
      const pairing = { id: newId('pair'), expiresAt: now + Math.min(ttlMs, HOUR_MS), createdAt: now };
      createPairing(db, {
        ...pairing,
        channelType,
        codeHash: hashPairCode(code),
        request: JSON.stringify(checked),
      });
      return { id: pairing.id, code, expiresAt: pairing.expiresAt };
    },
    status(id) {
      const pairing = getPairing(db, id);
      if (pairing?.usedBy) return { state: 'used', usedBy: pairing.usedBy };
      const open = pairing !== undefined && pairing.expiresAt > clock.now();
      return { state: open ? 'open' : 'expired', usedBy: null };
    },
    recognises({ channelType, text }) {
      const code = findPairCode(text);
      const now = clock.now();
      return code !== null && findOpenPairing(db, channelType, hashPairCode(code), now) !== undefined;
    },
    redeem(event) {
      const code = findPairCode(event.text);
      const now = clock.now();
      if (code === null || !hasOpenPairing(db, event.channelType, now)) return { kind: 'no-code' };
      const since = now - HOUR_MS;
      const tries = wrongTries(db, event.sender.id, since);
      if (tries >= MAX_WRONG_TRIES) return { kind: 'locked' };
      const outcome = use(deps, event, code, now);
      if (outcome) return outcome;
      addWrongTry(db, event.sender.id, now, since);
      return { kind: 'wrong', tries: tries + 1 };
    },
  };
}

/** Uses the code and registers in one transaction: what cannot be registered leaves the code unused. */
function use(
  deps: PairingsDeps,
  event: Parameters<Pairings['redeem']>[0],
  code: string,
  now: number,
): PairingOutcome | null {
  const { db, registration } = deps;
  const redeemNow = db.transaction((): Registered | null => {
    const pairing = findOpenPairing(db, event.channelType, hashPairCode(code), now);
    if (!pairing || !usePairing(db, pairing.id, event.sender.id)) return null;
    clearWrongTries(db, event.sender.id);
    const request = parseStored(pairingRequestSchema, pairing.request, `request of pairing ${pairing.id}`);
    const registered = registration.register({
      ...request,
      channelType: event.channelType,
      platformId: event.platformId,
      isGroup: event.isGroup,
      adminUserId: event.sender.id,
      adminUserName: event.sender.name.slice(0, 200),
      ownerIfNone: true,
      ...(request.isMain === true && { ownerBeside: LOCAL_OWNER }),
      // Another chat may have become the main one since the code was made.
      moveMain: request.moveMain ?? false,
      // Whoever wrote here before the code wants an answer to it.
      replay: request.replay ?? 'all',
      actor: event.sender.id,
    });
    const { agentGroup, held } = registered;
    const detail = { pairing: pairing.id, folder: agentGroup.folder, replayed: held.length };
    const subject = registered.messagingGroup.platformId;
    addAudit(db, { actor: event.sender.id, action: 'pairing.used', subject, detail }, now);
    return registered;
  });
  try {
    const registered = redeemNow.immediate();
    return registered && { kind: 'paired', registered };
  } catch (error) {
    if (!(error instanceof WharfieError)) throw error;
    return { kind: 'failed', error };
  }
}

// Without what is easily taken for something else: 0 O, 1 I L.
const ALPHABET = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';
const CODE = /^(?=.*\d)(?=.*[A-Z])[2-9A-HJKMNP-Z]{8}$/;

/** 8 characters, about 39 bits. Always a digit and a letter among them, so that no word of a language is a code. */
export function makePairCode(): string {
  for (;;) {
    const code = Array.from({ length: 8 }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');
    if (CODE.test(code)) return code;
  }
}

/** The code in a short message (`ABCD2345`, `@Andy abcd-2345`), or null. */
export function findPairCode(text: string): string | null {
  const words = text.trim().split(/\s+/, 5);
  if (words.length > 4) return null;
  const codes = words.map((word) => word.toUpperCase().replace('-', '')).filter((word) => CODE.test(word));
  return codes.length === 1 ? (codes[0] ?? null) : null;
}

function hashPairCode(code: string): string {
  return createHash('sha256').update(`wharfie pair code ${code}`).digest('hex');
}
