import type { Clock } from '../clock.ts';
import type { CrashPoint } from '../crash-point.ts';
import type { Inbound } from '../db/messages-in.ts';
import type { Store } from '../db/store.ts';
import type { NewId } from '../ids.ts';
import type { Log } from '../log.ts';
import type { Mailbox } from '../mailbox.ts';
import type { Tool } from '../mcp-tools/types.ts';
import type { PromptDeps } from '../prompt.ts';
import type { AgentProvider, Conversation, ModelErrorClass, ProviderEvent } from '../providers/types.ts';
import type { Turn } from '../turn.ts';

/** An event, with the conversation that it belongs to: what a closed one still says is not heard. */
export interface Heard {
  generation: number;
  /** `silence`: the agent chose to say nothing about what it has taken in until now. */
  event: ProviderEvent | { type: 'silence'; reason: string };
}

export interface LoopDeps {
  inbound: Inbound;
  store: Store;
  provider: AgentProvider;
  mailbox: Mailbox<Heard>;
  clock: Clock;
  newId: NewId;
  newUuid: () => string;
  crash: CrashPoint;
  log: Log;
  prompt: PromptDeps;
  systemPrompt: () => string;
  /** Tells the host that outbound.db has changed. */
  ring: () => void;
  createTools: (loop: Loop) => Tool[];
}

/** What goes wrong with the turn that runs. Times are monotonic milliseconds. */
export interface Trouble {
  errorClass: ModelErrorClass;
  /** What the host's own gateway says about it; null: the error came from further away. */
  hint: string | null;
  /** False once the model answers again. */
  active: boolean;
  since: number;
  /** In a row. */
  attempts: number;
  /** In the whole turn. */
  failures: number;
  /** When the runner tries again; null while the provider does so itself. */
  retryAt: number | null;
}

/** The state of the loop; changed by its parts, one after the other, never at the same time. */
export interface Loop extends LoopDeps {
  tools: Tool[];
  turn: Turn | null;
  trouble: Trouble | null;
  conversation: Conversation | null;
  generation: number;
  continuation: { value: string; used: boolean } | null;
  /** Said to the model with the next push. */
  news: string[];
}

export function createLoop(deps: LoopDeps): Loop {
  const loop: Loop = {
    ...deps,
    tools: [],
    turn: null,
    trouble: null,
    conversation: null,
    generation: 0,
    continuation: deps.store.state.get('continuation'),
    news: [],
  };
  loop.tools = deps.createTools(loop);
  return loop;
}
