import type { SDKMessage } from '@anthropic-ai/claude-agent-sdk';
import { z } from 'zod';
import type { Answer } from '../types.ts';

/** What the program itself puts in the model's place. */
const SYNTHETIC = '<synthetic>';
/** Why an answer ended that the next one goes on with. */
const GOES_ON = ['max_tokens', 'model_context_window_exceeded', 'pause_turn'];

const messageSchema = z.object({
  id: z.string(),
  model: z.string(),
  stop_reason: z.string().nullish(),
  content: z.array(z.object({ type: z.string(), text: z.string().optional() })),
});

/** A piece of an answer as the program hands it over and keeps it: mostly one block, under the id of its answer. */
export type Part = z.output<typeof messageSchema> & { uuid: string };

/** The part in a message of the stream or of a transcript; none where it is not the model's own word to the person. */
export function partOf(entry: {
  type: string;
  uuid: string;
  message: unknown;
  parent_tool_use_id: string | null;
}): Part[] {
  if (entry.type !== 'assistant' || entry.parent_tool_use_id !== null) return [];
  const parsed = messageSchema.safeParse(entry.message);
  return parsed.success && parsed.data.model !== SYNTHETIC ? [{ ...parsed.data, uuid: entry.uuid }] : [];
}

/** Collects what the model writes for the person in a turn. */
export interface Written {
  hear(message: SDKMessage): void;
  /** The answers since the last time. */
  take(): Answer[];
}

export function createWritten(): Written {
  let parts: Part[] = [];
  let stops = new Map<string, string>();
  let streaming = '';
  const retract = (uuids: readonly string[] = []) => {
    parts = parts.filter((part) => !uuids.includes(part.uuid));
  };
  return {
    hear(message) {
      if (message.type === 'assistant') {
        retract(message.supersedes);
        if (message.error || parts.some((part) => part.uuid === message.uuid)) return;
        parts.push(...partOf(message));
      } else if (message.type === 'stream_event' && message.parent_tool_use_id === null) {
        // Only the stream tells why an answer ended: its blocks are handed over before that is known.
        const { event } = message;
        if (event.type === 'message_start') streaming = event.message.id;
        if (event.type === 'message_delta' && event.delta.stop_reason) {
          stops.set(streaming, event.delta.stop_reason);
        }
      } else if (message.type === 'system' && message.subtype === 'model_refusal_fallback') {
        retract(message.retracted_message_uuids);
      }
    },
    take() {
      const answers = answersOf(parts, stops);
      [parts, stops] = [[], new Map()];
      return answers;
    },
  };
}

/** `stops`: why an answer ended, where its parts do not say so. */
export function answersOf(parts: readonly Part[], stops: ReadonlyMap<string, string> = new Map()): Answer[] {
  return [...new Set(parts.map((part) => part.id))].map((id) => {
    const own = parts.filter((part) => part.id === id);
    const content = own.flatMap((part) => part.content);
    const stop = stops.get(id) ?? own.findLast((part) => part.stop_reason)?.stop_reason;
    return {
      text: textOf(content),
      beforeTool: content.some((block) => block.type === 'tool_use'),
      end: endOf(stop),
    };
  });
}

/** An answer of which no end was heard was cut off, as one at a limit was. */
function endOf(stop: string | null | undefined): Answer['end'] {
  if (stop === 'refusal') return 'declined';
  return !stop || GOES_ON.includes(stop) ? 'cut' : 'whole';
}

/** Texts that follow each other are one, as they are. Where something else stood between, they do not run together. */
function textOf(content: Part['content']): string {
  let text = '';
  let apart = false;
  for (const block of content) {
    if (block.type === 'text') {
      const gap = apart && text !== '' && !/\s$/.test(text) && !/^\s/.test(block.text ?? '');
      text += `${gap ? '\n\n' : ''}${block.text ?? ''}`;
    }
    apart = block.type !== 'text';
  }
  return text;
}
