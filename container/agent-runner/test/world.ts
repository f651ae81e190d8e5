import { once } from 'node:events';
import { existsSync, mkdirSync, watch } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { createMessagesApi, type MessagesApi, type Script } from '../../../test/fakes/messages-api.ts';
import { startRunner } from '../../../test/unit/agent-runner/process.ts';
import { createSession, type TestSession } from '../../../test/unit/agent-runner/session.ts';

/** A session, a scripted model behind its egress socket, and the real runner with the real program. */
export interface World {
  session: TestSession;
  api: MessagesApi;
  start(env?: Record<string, string>): ReturnType<typeof startRunner>;
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
