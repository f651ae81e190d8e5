import type { SDKUserMessage } from '@anthropic-ai/claude-agent-sdk';

/** The side of a streaming conversation that the runner writes: pushed messages, until it is ended. */
export interface Input extends AsyncIterable<SDKUserMessage> {
  push(message: SDKUserMessage): void;
  end(): void;
}

export function createInput(): Input {
  const queue: SDKUserMessage[] = [];
  let [ended, wake] = [false, () => {}];
  return {
    push(message) {
      queue.push(message);
      wake();
    },
    end() {
      ended = true;
      wake();
    },
    async *[Symbol.asyncIterator]() {
      while (!ended || queue.length > 0) {
        const next = queue.shift();
        if (next) yield next;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    },
  };
}
