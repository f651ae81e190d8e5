/**
 * What runs in place of our runner when it has been taken over. It speaks as much of the protocol as it takes to be given
 * work: a message holds `{id, code}`; the code is run with everything in `tools`, and what it returns is the reply.
 */
import child from 'node:child_process';
import dgram from 'node:dgram';
import dns from 'node:dns/promises';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

const OUT = '/workspace/outbound.db';
const DOOR = '/run/wharfie/egress.sock';
const { WHARFIE_INCARNATION, WHARFIE_MODE } = process.env;

const outbound = new DatabaseSync(OUT, { timeout: 5000 });
outbound.exec(`PRAGMA locking_mode=EXCLUSIVE; SELECT count(*) FROM sqlite_schema; PRAGMA journal_mode=TRUNCATE;
  PRAGMA locking_mode=NORMAL; SELECT count(*) FROM sqlite_schema`);
if (WHARFIE_MODE === 'recover') process.exit(0);

// Its own author's guard against such things is not wanted here.
outbound.enableDefensive?.(false);
const inbound = () => new DatabaseSync('/workspace/in/inbound.db', { readOnly: true, timeout: 5000 });
const query = (sql, ...values) => {
  const db = inbound();
  try {
    return db.prepare(sql).all(...values);
  } finally {
    db.close();
  }
};
const ring = () => process.stdout.write('\n');
const heart = setInterval(() => fs.utimesSync('/workspace/.heartbeat', new Date(), new Date()), 5000);
const serial = () => Math.random().toString(36).slice(2);

/** Writes a row of messages_out as it is told to, whatever the schema wants; gives its id. */
function post(row) {
  const { next } = outbound
    .prepare('SELECT (coalesce(max(seq), 0) + 1) / 2 * 2 + 1 AS next FROM messages_out')
    .get();
  const full = {
    seq: next,
    id: `m-${serial()}`,
    incarnation: Number(WHARFIE_INCARNATION),
    turn_id: 't',
    in_reply_to: null,
    kind: 'chat',
    deliver_after: null,
    channel_type: '',
    platform_id: '',
    thread_id: '',
    content: '{}',
    created_at: Date.now(),
    ...row,
  };
  if (full.content.constructor === Object) full.content = JSON.stringify(full.content);
  const names = Object.keys(full);
  outbound.exec('PRAGMA ignore_check_constraints=ON');
  outbound
    .prepare(`INSERT INTO messages_out (${names}) VALUES (${names.map(() => '?')})`)
    .run(...Object.values(full));
  return full.id;
}
const ack = (id, status = 'done', incarnation = Number(WHARFIE_INCARNATION)) =>
  outbound
    .prepare(
      'INSERT OR REPLACE INTO processing_ack (message_id, status, incarnation, changed_at) VALUES (?, ?, ?, ?)',
    )
    .run(id, status, incarnation, Date.now());
const delivered = async (id) => {
  while (query("SELECT state FROM delivered WHERE key = ? AND state = 'sent'", `out:${id}`).length === 0)
    await sleep(20);
};
const attempt = (fn) => {
  try {
    return fn() ?? 'ok';
  } catch (error) {
    return error.code ?? String(error);
  }
};
const sh = (...args) => {
  const { status, stdout, stderr } = child.spawnSync(args[0], args.slice(1), { encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}`.slice(0, 500) };
};
/** Opens a connection, says `text`, and gives what came until it was closed or `ms` went by. */
const say = (where, text, ms = 2000) =>
  new Promise((resolve) => {
    let heard = '';
    const socket = net.connect(where);
    const end = (how) => {
      socket.destroy();
      resolve(heard === '' ? how : heard);
    };
    socket.setTimeout(ms, () => end('silence'));
    socket.on('connect', () => text && socket.write(text));
    socket.on('data', (data) => {
      heard += data;
    });
    socket.on('error', (error) => end(error.code));
    socket.on('close', () => end('closed'));
  });
const door = (text, ms) => say({ path: DOOR }, text, ms);
/** One HTTP request through the door: its status and the beginning of the answer. */
const ask = (method, path, headers = {}, body = '') =>
  new Promise((resolve) => {
    const request = http.request({ socketPath: DOOR, method, path, headers: { host: 'x', ...headers } });
    request.on('response', async (response) => {
      const chunks = await response.toArray();
      resolve({ status: response.statusCode, said: String(Buffer.concat(chunks)).slice(0, 400) });
    });
    request.on('error', (error) => resolve({ status: 0, said: error.code }));
    request.end(body);
  });

const running = new Set();
async function attack(message) {
  const { id, code } = JSON.parse(message.text.slice(message.text.indexOf('{')));
  let replied = false;
  /** Replies and resolves when that was said: for what leaves nothing to reply with. */
  const finish = async (value) => {
    replied = true;
    const row = post({ content: { text: `${id} ${JSON.stringify(value)}` }, in_reply_to: message.id });
    ack(message.id);
    ring();
    await delivered(row);
  };
  const stopHeart = () => clearInterval(heart);
  const tools = {
    fs,
    net,
    http,
    dgram,
    dns,
    os,
    child,
    sleep,
    DatabaseSync,
    outbound,
    inbound,
    query,
    post,
    ack,
    ring,
    delivered,
    attempt,
    sh,
    say,
    door,
    ask,
    finish,
    stopHeart,
    message,
    OUT,
  };
  const AsyncFunction = (async () => {}).constructor;
  let value;
  try {
    value = await new AsyncFunction(...Object.keys(tools), code)(...Object.values(tools));
  } catch (error) {
    value = { failed: `${error.code ?? ''} ${error.message}`.slice(0, 300) };
  }
  if (!replied) await finish(value ?? null);
}

const OPEN = `SELECT id, content FROM messages_in WHERE kind = 'chat' AND status = 'pending' AND trigger = 1 ORDER BY seq`;
const isDone = (id) =>
  outbound.prepare('SELECT 1 FROM processing_ack WHERE message_id = ?').all(id).length > 0;
async function look() {
  for (const { id, content } of query(OPEN)) {
    if (running.has(id) || attempt(() => String(isDone(id))) === 'true') continue;
    running.add(id);
    attack({ id, ...JSON.parse(content) }).catch((error) => console.error(String(error)));
  }
}
process.stdin.on('data', () => {});
process.on('SIGTERM', () => process.exit(0));
for (;;) {
  await look().catch((error) => console.error(String(error)));
  await sleep(30);
}
