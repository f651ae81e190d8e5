import { randomUUID } from 'node:crypto';
import { getSessionMessages, type Query, query } from '@anthropic-ai/claude-agent-sdk';
import { type Clock, sleep } from '../clock.ts';
import { reasonOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { classifyThrow } from './claude/classify.ts';
import { createInput } from './claude/input.ts';
import { createListener } from './claude/listen.ts';
import { type ClaudeSetup, claudeOptions } from './claude/options.ts';
import { answersOf, partOf } from './claude/written.ts';
import type { AgentProvider, Conversation, OpenOptions } from './types.ts';

/** How long a stopped turn may take to note that it was stopped, and a closed program to be gone. */
const INTERRUPT_MS = 1_500;
const GONE_MS = 3_000;

export interface ClaudeDeps extends ClaudeSetup {
  clock: Clock;
  log: Log;
  /** Sets who is told when an answer of the model begins: the conversation that is open. */
  listenForModel(heard: () => void): void;
}

/** Claude, through the Agent SDK: one program per conversation, kept warm between turns. */
export function createClaudeProvider(deps: ClaudeDeps): AgentProvider {
  return {
    name: 'claude',
    open: (options) => openClaude(deps, options),
    async recall(continuation, uuids) {
      try {
        const messages = await getSessionMessages(continuation, { dir: deps.cwd });
        if (messages.length === 0) return null;
        const first = messages.findIndex((message) => uuids.includes(message.uuid));
        const since = first < 0 ? [] : messages.slice(first);
        const known = new Set<string>(since.map((message) => message.uuid));
        return {
          uuids: new Set(uuids.filter((uuid) => known.has(uuid))),
          answers: answersOf(since.flatMap(partOf)),
        };
      } catch (error) {
        deps.log.warn({ reason: reasonOf(error) }, 'transcript not readable');
        return null;
      }
    },
  };
}

function openClaude(deps: ClaudeDeps, options: OpenOptions): Conversation {
  const input = createInput();
  const listener = createListener(options.onEvent);
  // Chosen here, so that it is known before the program has done anything.
  const fresh = randomUUID();
  const running = query({
    prompt: input,
    options: {
      ...claudeOptions(deps, options.systemPrompt, options.tools),
      ...(options.continuation === null ? { sessionId: fresh } : { resume: options.continuation }),
    },
  });
  options.onEvent({ type: 'continuation', value: options.continuation ?? fresh });
  deps.listenForModel(() => options.onEvent({ type: 'model-byte' }));
  let closing = false;
  const gone = listenTo(running, listener.hear, (detail) => {
    if (closing) return;
    const answers = listener.written();
    options.onEvent({ type: 'error', errorClass: classifyThrow(detail), detail, answers });
  });
  return {
    push({ uuid, text }) {
      listener.pushed(uuid);
      input.push({
        type: 'user',
        uuid: asUuid(uuid),
        message: { role: 'user', content: text },
        parent_tool_use_id: null,
      });
    },
    async close(interrupted) {
      closing = true;
      const patience = sleep(deps.clock, INTERRUPT_MS);
      if (interrupted) await Promise.race([running.interrupt().catch(() => {}), patience]);
      input.end();
      running.close();
      await Promise.race([gone, sleep(deps.clock, GONE_MS)]);
    },
  };
}

async function listenTo(
  running: Query,
  hear: (message: Parameters<ReturnType<typeof createListener>['hear']>[0]) => void,
  onEnd: (detail: string) => void,
): Promise<void> {
  try {
    for await (const message of running) hear(message);
    onEnd('the program ended');
  } catch (error) {
    onEnd(reasonOf(error));
  }
}

type Uuid = ReturnType<typeof randomUUID>;

function isUuid(text: string): text is Uuid {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

function asUuid(text: string): Uuid {
  if (!isUuid(text)) throw new TypeError(`not a UUID: ${text}`);
  return text;
}
