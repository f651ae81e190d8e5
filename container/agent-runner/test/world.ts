import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, watch } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { createMessagesApi, type MessagesApi, type Script } from '../../../test/fakes/messages-api.ts';
import { startRunner } from '../../../test/unit/agent-runner/process.ts';
import { createSession, type TestSession } from '../../../test/unit/agent-runner/session.ts';

/** A session, a scripted model behind its egress socket, and the real runner with the real program. */
export interface World {
  session: TestSession;
  api: MessagesApi;
  start(env?: Record<string, string>): ReturnType<typeof startRunner>;
  /** What the program has written down of its conversations, as text. */
  transcript(): string;
  close(): Promise<void>;
}

export async function createWorld(script: Script): Promise<World> {
  const session = createSession();
  const api = await createMessagesApi(script);
  const run = session.path('run');
  mkdirSync(run);
  const sockets = new Set<Socket>();
  const door = createServer((client) => {
    const upstream = connect(api.port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    client.pipe(upstream).pipe(client);
  });
  door.listen(`${run}/egress.sock`);
  await once(door, 'listening');
  const mounts = JSON.stringify({ ...session.mounts, '/run/wharfie': run });
  const runners: ReturnType<typeof startRunner>[] = [];
  return {
    session,
    api,
    start(env = {}) {
      const claude = { WHARFIE_PROVIDER: 'claude', WHARFIE_MOUNTS: mounts, CLAUDE_CODE_MAX_RETRIES: '1' };
      const runner = startRunner(session, { ...claude, ...env });
      runners.push(runner);
      return runner;
    },
    transcript() {
      const folder = session.path('home/.claude/projects');
      if (!existsSync(folder)) return '';
      const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
      const written = files.filter((file) => file.endsWith('.jsonl'));
      return written.map((file) => readFileSync(join(folder, file), 'utf8')).join('');
    },
    async close() {
      await Promise.all(runners.map((runner) => runner.kill()));
      for (const socket of sockets) socket.destroy();
      door.close();
      await api.close();
      session.remove();
    },
  };
}

/** Resolves when the file is there. */
export async function appears(file: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const watcher = watch(dirname(file), look);
    function look() {
      if (!existsSync(file)) return;
      watcher.close();
      resolve();
    }
    look();
  });
}
