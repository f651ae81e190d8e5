import type { IncomingHttpHeaders } from 'node:http';

export interface ToolResult {
  toolUseId: string;
  isError: boolean;
  text: string;
}

/** One request to `POST /v1/messages`, with what a script decides by already taken out. */
export interface ModelCall {
  /** Counts the calls from 0, failed ones included. */
  n: number;
  /** Path with query, as it arrived. */
  path: string;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
  model: string;
  /** All system texts, joined by newlines. */
  system: string;
  /** Names of the tools offered. */
  tools: string[];
  messages: { role: string; text: string }[];
  /** Texts of the last user message, joined by newlines; tool results are not among them. */
  lastUser: string;
  /** Results of tools in the last user message. */
  toolResults: ToolResult[];
}

/** Anything that arrived, in order, other paths and methods included. */
export interface SeenRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** What the model says in one answer. A text given in pieces is streamed piece by piece, a promise holds the stream. */
export interface Answer {
  thinking?: string;
  text?: string | readonly (string | Promise<string>)[];
  tools?: readonly { name: string; input: Record<string, unknown>; id?: string }[];
  /** Default: `tool_use` with tools, else `end_turn`. */
  stopReason?: string;
  inputTokens?: number;
}

/** An error of the API: `{status: 429, type: 'rate_limit_error', headers: {'retry-after': '1'}}`. */
export interface ApiFailure {
  status: number;
  type?: string;
  message?: string;
  headers?: Record<string, string>;
}

/**
 * `refused`: the connection ends before any byte of the answer · `cut`: it ends inside the stream, after `text` ·
 * `cut-after-block`: it ends once the block with `text` is whole, which clients keep ·
 * `error-event`: the stream ends with an `error` event (overloaded) · `silence`: no answer until the client leaves.
 */
export interface Broken {
  broken: 'refused' | 'cut' | 'cut-after-block' | 'error-event' | 'silence';
  text?: string;
}

export type Reply = string | Answer | ApiFailure | Broken;

/** Decides each answer; an array answers call by call and then refuses with a 400, which no client retries. */
export type Script = readonly Reply[] | ((call: ModelCall) => Reply | Promise<Reply>);

export interface MessagesApi {
  /** `http://127.0.0.1:<port>`: the value for a base URL. */
  readonly url: string;
  readonly port: number;
  /** Every call to `/v1/messages` so far. */
  readonly calls: ModelCall[];
  readonly seen: SeenRequest[];
  /** Answers from now on by another script; an array starts at its beginning. */
  setScript(script: Script): void;
  /** Resolves once `count` calls have arrived in all. */
  callsReach(count: number): Promise<ModelCall[]>;
  /** Resolves once the answer to call `n` is over: said to its end, or the client has left. */
  ended(n: number): Promise<void>;
  close(): Promise<void>;
}
