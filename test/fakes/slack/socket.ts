import type { Server } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';

const ackSchema = z.object({ envelope_id: z.string() });

interface Envelope {
  envelope_id: string;
  type: 'events_api' | 'interactive';
  payload: object;
}

export interface FakeSocket {
  /** Sends it to the app; without a connection it waits, as Slack's own repetitions would bring it. */
  dispatch(type: Envelope['type'], payload: object): string;
  /** Sends what was not acknowledged again. */
  repeat(): void;
  /** Breaks the connection. `forget`: what is said until the next one is in the history only. */
  disconnect(options?: { forget?: boolean; reason?: string }): void;
  readonly acknowledged: readonly string[];
  connections(): number;
  close(): Promise<void>;
}

/** Slack's socket mode (api.slack.com/apis/socket-mode) at `/socket` of an HTTP server. */
export function createFakeSocket(server: Server, onAcknowledged: () => void): FakeSocket {
  const sockets = new WebSocketServer({ server, path: '/socket' });
  const open = new Map<string, Envelope>();
  const acknowledged: string[] = [];
  let forgets = false;
  let count = 0;

  const send = (socket: WebSocket, frame: object) => socket.send(JSON.stringify(frame));
  const sendAll = (frame: object) => {
    for (const socket of sockets.clients) if (socket.readyState === socket.OPEN) send(socket, frame);
  };

  sockets.on('connection', (socket) => {
    forgets = false;
    send(socket, { type: 'hello', num_connections: 1, connection_info: { app_id: 'A0FAKE' } });
    for (const envelope of open.values()) send(socket, envelope);
    socket.on('message', (data) => {
      const { envelope_id } = ackSchema.parse(JSON.parse(String(data)));
      if (open.delete(envelope_id)) acknowledged.push(envelope_id);
      onAcknowledged();
    });
    socket.on('error', () => socket.terminate());
  });

  return {
    dispatch(type, payload) {
      count += 1;
      const envelope: Envelope = { envelope_id: `e${count}`, type, payload };
      if (forgets) return envelope.envelope_id;
      open.set(envelope.envelope_id, envelope);
      sendAll({ ...envelope, accepts_response_payload: type === 'interactive' });
      return envelope.envelope_id;
    },
    repeat() {
      for (const envelope of open.values())
        sendAll({ ...envelope, retry_attempt: 1, retry_reason: 'timeout' });
    },
    disconnect({ forget = false, reason } = {}) {
      forgets = forget;
      if (reason) sendAll({ type: 'disconnect', reason });
      else for (const socket of sockets.clients) socket.terminate();
    },
    acknowledged,
    connections: () => sockets.clients.size,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise<void>((resolve) => sockets.close(() => resolve()));
    },
  };
}
