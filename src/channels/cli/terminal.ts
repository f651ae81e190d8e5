import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { newId } from '../../ids.js';
import { connectCli } from './client.js';
import type { HostMessage } from './protocol.js';
import { printable } from './render.js';

export interface TerminalDeps {
  socketPath: string;
  input: Readable;
  output: Writable;
  /** A person types; otherwise input is piped and the chat ends when the last line is answered. */
  interactive: boolean;
}

const PROMPT = 'you> ';

/**
 * The chat in a terminal. Resolves with the exit code: 0 when it ended as it should, 1 when a line was refused or
 * failed or the host went away, 2 when a piped line is kept but has to wait for something that a notice names.
 */
export async function runTerminal(deps: TerminalDeps): Promise<number> {
  const open = new Set<string>();
  let code = 0;
  let inputEnded = false;
  let finish: () => void = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const settle = (id: string, failure: number) => {
    open.delete(id);
    code = Math.max(code, failure);
    if (inputEnded && open.size === 0) finish();
  };

  const onMessage = (message: HostMessage) => {
    if (message.type === 'welcome') for (const line of message.lines) screen.print(line);
    if (message.type === 'typing') screen.typing();
    if (message.type === 'say') {
      screen.print(message.text);
      client.send({ type: 'ack', id: message.id });
    }
    if (message.type === 'refused') {
      screen.print(`Not taken in: ${printable(message.reason)}`);
      settle(message.id, 1);
    }
    if (message.type === 'settled') settle(message.id, { done: 0, failed: 1, waiting: 2 }[message.outcome]);
  };
  const client = await connectCli(deps.socketPath, onMessage);
  // Only now: readline starts to emit at once, and a line that nobody listens to is lost.
  const screen = createScreen(deps);
  client.send({ type: 'hello', piped: !deps.interactive });

  screen.onLine((text) => {
    if (text === '/quit') return screen.close();
    const id = newId('in');
    if (!deps.interactive) open.add(id);
    client.send({ type: 'line', id, text });
  });
  screen.onEnd(() => {
    inputEnded = true;
    if (open.size === 0) finish();
  });

  const lost = client.closed.then(() => {
    if (inputEnded && open.size === 0) return;
    screen.print('The host has stopped. Start it again with: npm start');
    code = Math.max(code, 1);
  });
  await Promise.race([finished, lost]);
  screen.close();
  client.close();
  return code;
}

interface Screen {
  print(text: string): void;
  typing(): void;
  onLine(listener: (text: string) => void): void;
  onEnd(listener: () => void): void;
  close(): void;
}

/** Keeps the line that is being typed at the bottom while messages are printed above it. */
function createScreen({ input, output, interactive }: TerminalDeps): Screen {
  const lines = createInterface({
    input,
    output: interactive ? output : undefined,
    terminal: interactive,
    prompt: PROMPT,
  });
  let typing = false;
  const clear = () => {
    if (interactive) output.write('\r\u001b[2K');
  };
  const prompt = () => {
    if (interactive) lines.prompt(true);
  };
  return {
    print(text) {
      typing = false;
      clear();
      output.write(`${text}\n`);
      prompt();
    },
    typing() {
      if (!interactive || typing || lines.line !== '') return;
      typing = true;
      clear();
      output.write('…');
    },
    onLine(listener) {
      lines.on('line', (line) => {
        const text = line.trim();
        if (text !== '') listener(text);
        prompt();
      });
    },
    onEnd: (listener) => void lines.on('close', listener),
    close: () => lines.close(),
  };
}
