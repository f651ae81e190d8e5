import type { Server } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import type { World } from './world.js';

const packetSchema = z.object({ op: z.number(), d: z.unknown() });
const identifySchema = z.object({ token: z.string(), intents: z.number() });
const resumeSchema = z.object({ token: z.string(), session_id: z.string(), seq: z.number() });

interface Session {
  id: string;
  seq: number;
  sent: { s: number; t: string; d: unknown }[];
  socket: WebSocket | null;
}

export interface FakeGateway {
  /** Sends a dispatch to every session; one that is away gets it when it resumes. */
  dispatch(type: string, data: unknown): void;
  /** Breaks every connection. `forget`: the sessions cannot be resumed, as after a long outage. */
  disconnect(options?: { forget?: boolean; code?: number }): void;
  /** Every identification is answered with this close code (4004 token, 4014 intents); null: none is. */
  refuse(code: number | null): void;
  /** Sessions that were opened anew, and that were resumed. */
  readonly identified: number;
  readonly resumed: number;
  connected(): number;
  close(): Promise<void>;
}

/** Discord's gateway (discord.com/developers/docs/events/gateway), at `/gateway` of an HTTP server. */
export function createFakeGateway(
  server: Server,
  world: World,
  token: () => string,
  url: () => string,
): FakeGateway {
  const sockets = new WebSocketServer({ server, path: '/gateway' });
  const sessions = new Map<string, Session>();
  let refusal: number | null = null;
  let identified = 0;
  let resumed = 0;

  const send = (socket: WebSocket, packet: object) =>
    socket.send(JSON.stringify({ s: null, t: null, ...packet }));

  function dispatchTo(session: Session, type: string, data: unknown): void {
    session.seq += 1;
    const packet = { s: session.seq, t: type, d: data };
    session.sent.push(packet);
    if (session.socket) send(session.socket, { op: 0, ...packet });
  }

  function identify(socket: WebSocket, data: unknown): void {
    const { token: given } = identifySchema.parse(data);
    const code = refusal ?? (given === token() ? null : 4004);
    if (code !== null) {
      socket.close(code);
      return;
    }
    identified += 1;
    const session: Session = { id: world.nextId(), seq: 0, sent: [], socket };
    sessions.set(session.id, session);
    const guild = { id: world.guildId, unavailable: true };
    dispatchTo(session, 'READY', {
      v: 10,
      user: { ...world.bot, discriminator: '0', avatar: null },
      guilds: [guild],
      session_id: session.id,
      resume_gateway_url: url(),
      application: { id: world.bot.id, flags: 0 },
    });
    dispatchTo(session, 'GUILD_CREATE', guildOf(world));
  }

  function resume(socket: WebSocket, data: unknown): void {
    const { session_id, seq } = resumeSchema.parse(data);
    const session = sessions.get(session_id);
    if (!session) {
      send(socket, { op: 9, d: false });
      return;
    }
    resumed += 1;
    session.socket = socket;
    for (const packet of session.sent.filter(({ s }) => s > seq)) send(socket, { op: 0, ...packet });
    dispatchTo(session, 'RESUMED', null);
  }

  sockets.on('connection', (socket) => {
    send(socket, { op: 10, d: { heartbeat_interval: 41_250 } });
    socket.on('message', (text) => {
      const packet = packetSchema.parse(JSON.parse(String(text)));
      if (packet.op === 1) send(socket, { op: 11 });
      if (packet.op === 2) identify(socket, packet.d);
      if (packet.op === 6) resume(socket, packet.d);
    });
    socket.on('close', () => {
      for (const session of sessions.values()) if (session.socket === socket) session.socket = null;
    });
    socket.on('error', () => socket.terminate());
  });

  return {
    dispatch(type, data) {
      for (const session of sessions.values()) dispatchTo(session, type, data);
    },
    disconnect({ forget = false, code = 4000 } = {}) {
      for (const session of sessions.values()) session.socket = null;
      if (forget) sessions.clear();
      for (const socket of sockets.clients) socket.close(code);
    },
    refuse(code) {
      refusal = code;
    },
    get identified() {
      return identified;
    },
    get resumed() {
      return resumed;
    },
    connected: () => [...sessions.values()].filter((session) => session.socket !== null).length,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      await new Promise<void>((resolve) => sockets.close(() => resolve()));
    },
  };
}

function guildOf(world: World): object {
  const all = [...world.channels.values()].filter((channel) => channel.guild_id === world.guildId);
  return {
    id: world.guildId,
    name: 'Test server',
    unavailable: false,
    owner_id: world.ada.id,
    member_count: 2,
    roles: [{ id: world.guildId, name: '@everyone' }, world.role].map((role) => ({
      ...role,
      permissions: '0',
      position: 0,
      color: 0,
    })),
    channels: all.filter((channel) => channel.parent_id === undefined),
    threads: all.filter((channel) => channel.parent_id !== undefined && !channel.archived),
    emojis: [],
    members: [],
  };
}
