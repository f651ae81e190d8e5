import type { Tool } from '../mcp-tools/types.ts';

/**
 * Why the model gave no answer. `authentication` `rate_limit` `overloaded` `unreachable`: waiting helps · `billing`
 * `budget` `steps` `length` `invalid_request` `model_not_found` `refused`: waiting does not · `transcript`: the conversation cannot be
 * resumed · `crashed`: the provider's process ended · `unknown`: tried again a few times.
 */
export type ModelErrorClass =
  | 'authentication'
  | 'rate_limit'
  | 'overloaded'
  | 'unreachable'
  | 'billing'
  | 'budget'
  | 'steps'
  | 'length'
  | 'invalid_request'
  | 'model_not_found'
  | 'refused'
  | 'transcript'
  | 'crashed'
  | 'unknown';

/** One answer of the model: what it wrote in it for the person. */
export interface Answer {
  text: string;
  /** It calls a tool, so that it is not the last one. */
  beforeTool: boolean;
  /** `cut`: the next answer goes on where this one broke off · `declined`: it is taken back. */
  end: 'whole' | 'cut' | 'declined';
}

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
  | { type: 'result'; answers: Answer[] }
  /**
   * The turn ended before its end, or the conversation broke; `answers` is what was written until then. `detail` is for
   * the log, never for a chat.
   */
  | { type: 'error'; errorClass: ModelErrorClass; detail: string; answers: Answer[] };

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

/** What a conversation remembers of pushes, and what the model wrote after the first of them. */
export interface Recalled {
  uuids: Set<string>;
  answers: Answer[];
}

/** An agent behind a seam: takes texts, uses tools, gives results. Knows nothing of chats or databases. */
export interface AgentProvider {
  readonly name: 'claude' | 'mock';
  /** Errors come as events. */
  open(options: OpenOptions): Conversation;
  /** Which of these pushes the conversation remembers; null when it cannot be resumed at all. */
  recall(continuation: string, uuids: string[]): Promise<Recalled | null>;
}
