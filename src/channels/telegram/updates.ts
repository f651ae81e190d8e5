import type { TelegramUpdate } from '@chat-adapter/telegram';
import type { StateAdapter } from 'chat';
import { codeOf, reasonOf } from '../../errors.js';
import { ChannelError, type ChannelHealth } from '../adapter.js';
import { backoffMs } from '../backoff.js';
import type { Attempt } from '../chat-sdk/guard.js';
import { pause } from '../chat-sdk/lanes.js';
import type { TelegramApi } from './api.js';
import { createUpdateLanes, type UpdateLaneDeps } from './lanes.js';
import { checkUpdate, packetOf, sortUpdates } from './packets.js';

export interface UpdateDeps extends Omit<UpdateLaneDeps, 'onWaitingChanged'> {
  api: TelegramApi;
  attempt: Attempt;
  state: StateAdapter;
  /** Where what waits is kept; other bots have others. */
  stateKey: string;
  onConnected(): void;
  onDisconnected(health: Exclude<ChannelHealth, { state: 'connected' }>): void;
}

const LONG_POLL_S = 50;
/** More than this is left with Telegram, which keeps it for a day. */
const MOST_WAITING = 1000;

const UPDATES = [
  ...['message', 'edited_message', 'channel_post', 'edited_channel_post'],
  ...['callback_query', 'message_reaction'],
];

/** Errors that go on until somebody does something. */
const FATAL = new Set(['telegram-conflict', 'telegram-webhook-set', 'telegram-token-refused']);

/**
 * Asks Telegram for updates, and confirms them once they are taken in. What a chat cannot take in is kept on disk
 * first, so that it holds up no other chat: Telegram gives the updates of all chats in one row.
 */
export function createUpdates(deps: UpdateDeps) {
  const { state, stateKey, signal } = deps;
  let offset: number | undefined;
  let stands = false;
  let kept = '[]';
  const lanes = createUpdateLanes({ ...deps, onWaitingChanged: () => void keep().catch(report) });

  const stopped = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

  const report = (error: unknown) =>
    deps.log.error({ reason: reasonOf(error) }, 'updates that wait could not be kept');

  async function keep(): Promise<void> {
    const waiting = lanes.waiting();
    const next = JSON.stringify(waiting.map((update) => update.update_id));
    if (next === kept) return;
    if (waiting.length > 0) await state.set(stateKey, waiting);
    else await state.delete(stateKey);
    kept = next;
  }

  /** One request; `seconds` is how long Telegram waits for something to happen. */
  async function poll(seconds: number): Promise<void> {
    const payload = {
      limit: 100,
      timeout: seconds,
      allowed_updates: UPDATES,
      ...(offset === undefined ? {} : { offset }),
    };
    const longestMs = (seconds + 15) * 1000;
    const updates = await deps.api.call<TelegramUpdate[]>('getUpdates', payload, { signal, longestMs });
    if (!stands) {
      stands = true;
      deps.onConnected();
    }
    if (updates.length === 0) return;
    const waiting = new Set(lanes.waiting().map((update) => update.update_id));
    const fresh = updates.filter((update) => !waiting.has(update.update_id));
    const { readable, strange } = sortUpdates(fresh);
    const passedOver = strange.map((update) => deps.attempt(packetOf(update), () => checkUpdate(update)));
    await Promise.race([Promise.all([lanes.push(readable), ...passedOver]), stopped]);
    signal.throwIfAborted();
    await keep();
    offset = Math.max(...updates.map((update) => update.update_id)) + 1;
  }

  async function loop(): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        if (lanes.waiting().length >= MOST_WAITING) await pause(deps, 1000);
        else await poll(stands ? LONG_POLL_S : 0);
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        stands = false;
        if (lost(error)) return;
        const asked = error instanceof ChannelError ? error.retryAfterMs : null;
        // A connection that stood for a while is cut now and then: the first new try is made at once.
        if (asked !== null || failures > 0) await pause(deps, asked ?? backoffMs(failures - 1, deps.random));
        failures += 1;
      }
    }
  }

  /** Tells that the connection is gone; true: it will not come back by itself. */
  function lost(error: unknown): boolean {
    const fatal = error instanceof ChannelError && FATAL.has(error.code);
    if (fatal) deps.onDisconnected({ state: 'failed', detail: error.message, fix: error.fix });
    else deps.onDisconnected({ state: 'connecting', detail: reasonOf(error) });
    return fatal;
  }

  /** Left behind by a program that used this bot before: while it is set, nobody can ask for updates. */
  async function withoutWebhook(error: unknown): Promise<void> {
    if (codeOf(error) !== 'telegram-webhook-set') throw error;
    deps.log.warn({}, 'the webhook of this Telegram bot is taken away: its messages come here now');
    await deps.api.call('deleteWebhook', { drop_pending_updates: false }, { signal });
    await poll(0);
  }

  let running: Promise<void> = Promise.resolve();
  return {
    /** Rejects when Telegram cannot be asked. */
    async open(): Promise<void> {
      const waited = await state.get<TelegramUpdate[]>(stateKey);
      if (waited && waited.length > 0) {
        kept = JSON.stringify(waited.map((update) => update.update_id));
        lanes.resume(sortUpdates(waited).readable);
      }
      try {
        await poll(0).catch(withoutWebhook);
      } catch (error) {
        lost(error);
        throw error;
      }
      running = loop();
    },
    /** After `signal` was aborted. */
    close: () => running,
  };
}
