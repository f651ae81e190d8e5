import type { SDKAssistantMessageError, SDKMessage, SDKResultMessage } from '@anthropic-ai/claude-agent-sdk';
import type { Answer, ProviderEvent } from '../types.ts';
import { classifyError, classifyResult } from './classify.ts';
import { createWritten } from './written.ts';

/** Turns the SDK's stream into the events of the seam. */
export interface Listener {
  /** A push was handed over and not yet read. */
  pushed(uuid: string): void;
  hear(message: SDKMessage): void;
  /** What was written since the last result. */
  written(): Answer[];
}

export function createListener(emit: (event: ProviderEvent) => void): Listener {
  const waiting = new Set<string>();
  const written = createWritten();
  let lastError: SDKAssistantMessageError | null = null;
  let tookIn = false;

  const takeIn = (uuid: string) => {
    if (!waiting.delete(uuid)) return;
    tookIn = true;
    emit({ type: 'taken-in', uuid });
  };
  const end = (result: SDKResultMessage) => {
    for (const uuid of result.user_message_uuids ?? []) takeIn(uuid);
    // A result that names nothing, of a turn that was not seen to read anything, can only be about what waits.
    if (!tookIn && (result.queued_turn_count ?? 0) === 0) for (const uuid of [...waiting]) takeIn(uuid);
    const failure = classifyResult(result, lastError);
    [lastError, tookIn] = [null, false];
    const answers = written.take();
    if (failure) emit({ type: 'error', ...failure, answers });
    else emit({ type: 'result', answers });
  };

  return {
    pushed: (uuid) => void waiting.add(uuid),
    written: written.take,
    hear(message) {
      written.hear(message);
      switch (message.type) {
        case 'user':
          if ('isReplay' in message && message.isReplay && message.uuid) takeIn(message.uuid);
          return;
        case 'assistant':
          if (message.error) lastError = message.error;
          else emit({ type: 'working' });
          return;
        case 'result':
          return end(message);
        case 'system':
          if (message.subtype === 'init') emit({ type: 'continuation', value: message.session_id });
          if (message.subtype === 'api_retry') {
            emit({ type: 'retrying', errorClass: classifyError(message.error, message.error_status) });
          }
      }
    },
  };
}
