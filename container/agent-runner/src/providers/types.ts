import type { Tool } from '../mcp-tools/types.ts';

/**
 * Why the model gave no answer. `authentication` `rate_limit` `overloaded` `unreachable`: waiting helps · `billing`
 * `budget` `invalid_request` `model_not_found` `refused`: waiting does not · `transcript`: the conversation cannot be
 * resumed · `crashed`: the provider's process ended · `unknown`: tried again a few times.
 */
export type ModelErrorClass =
  | 'authentication'
  | 'rate_limit'
  | 'overloaded'
  | 'unreachable'
  | 'billing'
  | 'budget'
  | 'invalid_request'
  | 'model_not_found'
  | 'refused'
  | 'transcript'
  | 'crashed'
  | 'unknown';

export type ProviderEvent =
  /** The name under which this conversation can be resumed. */
  | { type: 'continuation'; value: string }
  /** The model has read what was pushed under this uuid. */
  | { type: 'taken-in'; uuid: string }
  /** An answer of the model begins: for figures only, and not every provider sees it. */
  | { type: 'model-byte' }
  /** A sign of progress: an answer of the model. */
  | { type: 'working' }
  /** The provider tries again by itself. */
  | { type: 'retrying'; errorClass: ModelErrorClass }
  /** The end of a turn: closes everything that was taken in since the previous one. */
  | { type: 'result'; text: string }
  /** The turn ended without an answer, or the conversation broke. `detail` is for the log, never for a chat. */
  | { type: 'error'; errorClass: ModelErrorClass; detail: string };

export interface PushInput {
  uuid: string;
  text: string;
  /** Where a turn goes on after an interruption: what of it is done. Models read the same in the text. */
  done: { uuids: string[]; texts: string[]; tasks: string[] } | null;
}

/** A running conversation with a model. */
export interface Conversation {
  push(input: PushInput): void;
  /** Ends it; whatever it still says is not heard. `interrupted`: a person wanted it to stop. */
  close(interrupted: boolean): Promise<void>;
}

export interface OpenOptions {
  /** Null: a new conversation. */
  continuation: string | null;
  systemPrompt: string;
  tools: Tool[];
  onEvent(event: ProviderEvent): void;
}

/** An agent behind a seam: takes texts, uses tools, gives results. Knows nothing of chats or databases. */
export interface AgentProvider {
  readonly name: 'claude' | 'mock';
  /** Errors come as events. */
  open(options: OpenOptions): Conversation;
  /** Which of these pushes the conversation remembers; null when it cannot be resumed at all. */
  recall(continuation: string, uuids: string[]): Promise<Set<string> | null>;
}
