import { ZodError } from 'zod';
import type { Clock, Random } from '../../clock.js';
import { codeOf, reasonOf } from '../../errors.js';
import { shortHash } from '../../ids.js';
import type { Log } from '../../log/index.js';
import type { ChannelHost, UnreadMessage } from '../adapter.js';
import { backoffMs } from '../backoff.js';
import { normalizePlatformId } from '../catalog/index.js';
import { isOwnFault } from '../own-fault.js';
import { pause } from './lanes.js';

/** What can be told of a packet before it is read. Ids are the platform's own; what is not known is left out. */
export interface Packet {
  platformId?: string | undefined;
  threadId?: string | undefined;
  messageId?: string | undefined;
  /** Without the channel's name. */
  senderId?: string | number | undefined;
  /** Epoch milliseconds. */
  at?: number | undefined;
  /** As the message's `raw`, for `ChatSdkPlatform.retake`; null: nothing that can be tried a while later. */
  raw: unknown;
}

/**
 * Runs what reads a packet. Where it throws through something in the packet it is tried again, as often as the host
 * wants it to be; null: the packet was set aside, and whatever comes behind it goes on. What can pass is thrown.
 */
export type Attempt = <T>(packet: Packet, work: () => T | Promise<T>) => Promise<{ value: T } | null>;

export interface AttemptDeps {
  channelType: string;
  unread: ChannelHost['unread'];
  clock: Clock;
  random: Random;
  log: Log;
  signal: AbortSignal;
}

/** A packet that cannot be read now mostly never can: its chat waits for no more than this. */
const FIRST_PAUSE_MS = 100;
const LONGEST_ID = 500;

export function createAttempt(deps: AttemptDeps): Attempt {
  const { clock, random, log, signal } = deps;

  /** While nothing can be noted, the packet is not given up. */
  function note(packet: Packet, error: unknown): 'again' | 'set-aside' | 'not-noted' {
    try {
      return deps.unread(unreadOf(deps.channelType, packet), error);
    } catch (fault) {
      log.error({ code: codeOf(fault), reason: reasonOf(fault) }, 'what cannot be read could not be noted');
      return 'not-noted';
    }
  }

  return async (packet, work) => {
    let unnoted = 0;
    for (;;) {
      try {
        return { value: await work() };
      } catch (error) {
        if (signal.aborted || !isOwnFault(error)) throw error;
        const noted = note(packet, error);
        if (noted === 'set-aside') return null;
        // A packet of the wrong shape keeps it: nothing is gained by waiting.
        if (noted === 'again' && error instanceof ZodError) continue;
        await pause({ clock, signal }, noted === 'again' ? FIRST_PAUSE_MS : backoffMs(unnoted, random));
        if (noted === 'not-noted') unnoted += 1;
        if (signal.aborted) throw error;
      }
    }
  };
}

function unreadOf(channelType: string, packet: Packet): UnreadMessage {
  const { platformId = '', threadId = '', messageId, senderId, at, raw } = packet;
  return {
    channelType,
    platformId: storedForm(channelType, platformId),
    threadId,
    platformMessageId: messageId?.slice(0, LONGEST_ID) || `unread:${shortHash(textOf(raw), 20)}`,
    senderId: senderId === undefined ? null : `${channelType}:${senderId}`.slice(0, LONGEST_ID),
    saidAt: at !== undefined && Number.isFinite(at) ? at : null,
    raw,
  };
}

function textOf(raw: unknown): string {
  try {
    return JSON.stringify(raw) ?? '';
  } catch {
    // Nested too deeply.
    return '';
  }
}

/** As events have it; what is no id of that channel stays as it came. */
function storedForm(channelType: string, platformId: string): string {
  if (platformId === '') return '';
  try {
    return normalizePlatformId(channelType, platformId);
  } catch {
    return platformId.slice(0, LONGEST_ID);
  }
}
