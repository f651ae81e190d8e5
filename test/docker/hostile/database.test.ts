import path from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../system/eventually.js';
import { type Attacker, createHostileWorld, type HostileWorld } from './world.js';

/** What a container makes of its outbound.db, and what the host says about it. */
const destroyed: [what: string, code: string, expected: string][] = [
  [
    'an endless view in place of a table',
    "outbound.exec('DROP TABLE messages_out; CREATE VIEW messages_out AS WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq + 2 FROM n) SELECT * FROM n');",
    'outbound-schema',
  ],
  [
    'a trigger',
    "outbound.exec('CREATE TRIGGER t AFTER INSERT ON messages_out BEGIN SELECT 1; END');",
    'outbound-schema',
  ],
  [
    'generated columns of 500 MB',
    "outbound.exec('ALTER TABLE messages_out ADD COLUMN big TEXT GENERATED ALWAYS AS (hex(zeroblob(250000000)))');",
    'outbound-schema',
  ],
  [
    'a schema of 400 tables and 40 kB of nesting',
    "outbound.exec('BEGIN'); for (let i = 0; i < 400; i++) outbound.exec('CREATE TABLE t' + i + '(a)'); outbound.exec('CREATE VIEW v AS SELECT ' + '('.repeat(90) + '1' + ')'.repeat(90) + '+1'.repeat(900)); outbound.exec('COMMIT');",
    'outbound-schema',
  ],
  [
    'a schema row that is no SQL',
    "outbound.exec('PRAGMA writable_schema=ON'); outbound.exec(\"UPDATE sqlite_schema SET sql = 'CREATE TABLE ' || hex(zeroblob(20000)) WHERE name = 'session_state'\");",
    'outbound-(corrupt|schema)',
  ],
  ['nothing in it', 'outbound.close(); fs.truncateSync(OUT, 0);', 'outbound-header'],
  ['half a header', 'outbound.close(); fs.truncateSync(OUT, 50);', 'outbound-header'],
  ['half of its pages', 'outbound.close(); fs.truncateSync(OUT, 8192);', 'outbound-corrupt'],
  ['noise', 'outbound.close(); fs.writeFileSync(OUT, Buffer.alloc(65536, 7));', 'outbound-header'],
  ['a header that says WAL', patch(18, '[2, 2]'), 'outbound-header'],
  [
    'a b-tree that loops',
    `outbound.exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO messages_out SELECT 100001 + 2 * i, 'x' || i, 1, 't', NULL, 'chat', NULL, '', '', '', hex(zeroblob(200)), 1 FROM n");
     const { rootpage } = outbound.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'messages_out'").get();
     const { page_size } = outbound.prepare('PRAGMA page_size').get();
     outbound.close();
     const fd = fs.openSync(OUT, 'r+');
     const page = Buffer.alloc(page_size);
     fs.readSync(fd, page, 0, page_size, (rootpage - 1) * page_size);
     for (let i = 0; i < page.readUInt16BE(3); i++) page.writeUInt32BE(rootpage, page.readUInt16BE(12 + 2 * i));
     page.writeUInt32BE(rootpage, 8);
     fs.writeSync(fd, page, 0, page_size, (rootpage - 1) * page_size);`,
    'outbound-(corrupt|timeout)',
  ],
];

function patch(at: number, bytes: string): string {
  return `outbound.close(); const fd = fs.openSync(OUT, 'r+'); fs.writeSync(fd, Buffer.from(${bytes}), 0, 2, ${at});`;
}

let world: HostileWorld;
let mallory: Attacker;
const names = destroyed.map((_, index) => `d${index}`);

beforeAll(async () => {
  const agents = Object.fromEntries(
    [...names, 'mallory', 'locker', 'keeper', 'flood', 'journal'].map((name) => [name, {}]),
  );
  world = await createHostileWorld({ agents });
  mallory = world.agent('mallory');
  // Holds its lock while the others are at it.
  await world
    .agent('keeper')
    .runs("await finish(1); outbound.exec('BEGIN EXCLUSIVE'); setInterval(ring, 500); await sleep(1e9);");
});
afterAll(() => world.close());

it.each(destroyed.map((one, index) => [...one, `d${index}`] as const))(
  'outbound.db: %s',
  (what, code, expected, name) =>
    world.tries(`outbound.db: ${what}`, async () => {
      const agent = world.agent(name);
      await agent.runs(`await finish(1); ${code} ring(); setInterval(ring, 300); await sleep(1e9);`);
      const line = await eventually(
        () =>
          world.logged('outbound.db cannot be used').find((one) => one.session === agent.sessionId()) ??
          false,
        `a word about ${what}`,
      );
      expect(line.code).toMatch(new RegExp(expected));
      return `${line.code}: its container was stopped`;
    }),
);

const refusedRows: [what: string, row: string, expected: RegExp][] = [
  [
    'a foreign chat',
    "{ channel_type: 'discord', platform_id: 'discord:1:2', content: { text: 'x' } }",
    /not wired/,
  ],
  ['a destination that is not its own', "{ content: { text: 'x', to: 'somebody' } }", /no chat named/],
  ['an unknown action', "{ kind: 'system', content: { action: 'register', admin: true } }", /no action/],
  [
    "somebody else's message to edit",
    "{ content: { operation: 'edit', messageId: 2, text: 'x' } }",
    /only edit messages of your own/,
  ],
  ['an even seq', '{ seq: 100000000, content: { text: "x" } }', /even/],
  ['a kind of its own', "{ kind: 'owner', content: { text: 'x' } }", /kind/],
  ['a BLOB', '{ content: new Uint8Array(10) }', /not text/],
  ['a number', '{ content: 7 }', /not text|not JSON|content/],
  ['100 MB of text', "{ content: 'x'.repeat(100e6) }", /over 1 MB/],
  ['JSON 100 000 levels deep', "{ content: '['.repeat(100000) }", /nested too deeply/],
  ['1 MB of quotes', `{ content: '"' + '\\\\"'.repeat(499000) }`, /not JSON/],
  ['a time that is text', "{ created_at: 'soon', content: { text: 'x' } }", /createdAt|expected/i],
];

it.each(refusedRows)('a row: %s', (what, row, expected) =>
  world.tries(`row: ${what}`, async () => {
    const reason = await mallory.runs<string>(`
      const id = post(${row});
      ring();
      for (;;) {
        const [found] = query('SELECT last_error FROM delivered WHERE key = ?', 'out:' + id);
        if (found) return found.last_error;
        await sleep(20);
      }`);
    expect(reason).toMatch(expected);
    return `refused, and the agent is told: ${reason}`;
  }),
);

it('negative seq, forged incarnations, acks of others', () =>
  world.tries('row: negative seq; forged incarnation; acks for messages of others', async () => {
    const got = await mallory.runs<{ state: string }[]>(`
      post({ seq: -5, content: { text: 'from below' } });
      const id = post({ incarnation: 999, content: { text: 'from the future' } });
      ack('in_of_somebody_else'); ack('nothing', 'processing', 999);
      ring();
      await delivered(id);
      return query('SELECT state FROM delivered WHERE seq < 0');`);
    expect(got).toEqual([]);
    expect(world.chat.said.join('\n')).not.toContain('from below');
    return 'never read; valid as its own row, no more; no effect';
  }));

it('text that is slow to cut', () =>
  world.tries('text: 100 kB of spaces, fences, brackets', async () => {
    await mallory.runs(`
      const texts = [(' '.repeat(49990) + 'x').repeat(2), ('[' + '\`').repeat(33000), '> '.repeat(33000), '\`\`\`\\n'.repeat(24000)];
      const ids = texts.map((text) => post({ content: { text } }));
      ring();
      await Promise.all(ids.map(delivered));`);
    return 'said, in parts';
  }));

it('a lock held on inbound.db', () =>
  world.tries('a read lock on inbound.db held for ever', async () => {
    const locker = world.agent('locker');
    await locker.runs(
      "await finish(1); const db = inbound(); db.exec('BEGIN'); db.prepare('SELECT count(*) FROM messages_in').get(); await sleep(1e9);",
    );
    expect(await locker.runs('return 2')).toBe(2);
    expect(world.logged('inbound.db is locked for 3 s')).toHaveLength(1);
    return 'after 3 s its container was killed and the write went on';
  }));

it('a hot journal that names files of others', () =>
  world.tries('a crafted hot journal that names inbound.db and a file of the host', async () => {
    const journal = world.agent('journal');
    await journal.runs(`
      await finish(1);
      outbound.close();
      const name = Buffer.from('${world.canary}/secret.txt\\0/workspace/in/inbound.db');
      const header = Buffer.alloc(512);
      Buffer.from('d9d505f920a163d7', 'hex').copy(header);
      header.writeUInt32BE(0xffffffff, 8);
      header.writeUInt32BE(1, 16); header.writeUInt32BE(512, 20); header.writeUInt32BE(4096, 24);
      const end = Buffer.alloc(16);
      end.writeUInt32BE(name.length, 0); end.writeUInt32BE([...name].reduce((sum, byte) => sum + byte, 0), 4);
      Buffer.from('d9d505f920a163d7', 'hex').copy(end, 8);
      fs.writeFileSync('/workspace/outbound.db-journal', Buffer.concat([header, Buffer.alloc(4), name, end]));
      process.kill(1, 'SIGKILL'); process.exit(1);`);
    const line = await eventually(
      () =>
        world.logged('recover container ended').find((one) => one.session === journal.sessionId()) ?? false,
      'the recovery',
    );
    return `rolled back in a container without a door (exit code ${line.exitCode})`;
  }));

it('a million rows', () =>
  world.tries('a million rows', async () => {
    const flood = world.agent('flood');
    const count = await flood.runs<number>(`
      await finish(1000000);
      for (let from = 0; from < 20; from++) {
        outbound.exec("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) INSERT INTO messages_out SELECT 100001 + 2 * (i + 50000 * " + from
          + "), 'x' || (i + 50000 * " + from + "), 1, 't', NULL, 'chat', NULL, '', '', '', '{\\"text\\":\\"spam\\"}', 1 FROM n");
        await sleep(50);
      }
      setInterval(ring, 100);
      await sleep(1e9);`);
    await eventually(
      () => world.chat.said.filter((text) => text === 'spam').length >= 500,
      'a part of the flood',
      50_000,
    );
    for (let asked = 0; asked < 20; asked += 1) await world.isServed();
    expect(takenOver(path.join(flood.folder(), 'in', 'inbound.db'))).toBeLessThan(5000);
    expect(world.rssMb()).toBeLessThan(700);
    return `${count} written; the host takes 1000 and then 10 a second, in ${Math.round(world.rssMb())} MB`;
  }));

it('a lock held on outbound.db', () =>
  world.tries('a write lock on outbound.db held for ever', async () => {
    await eventually(
      () => world.logged('outbound.db stays locked').length > 0,
      'the end of the lock',
      50_000,
    );
    return 'read again later; after 30 s its container was killed';
  }));

function takenOver(inbound: string): number {
  const db = new Database(inbound, { readonly: true });
  try {
    return db.prepare<[], number>('SELECT count(*) FROM delivered').pluck().get() ?? 0;
  } finally {
    db.close();
  }
}
