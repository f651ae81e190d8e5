import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { finish } from '../system/crash-matrix/again.js';
import { createStage } from '../system/crash-matrix/stage.js';
import { echo } from '../system/crash-matrix/tally.js';

/** A host that starts twice, on a machine that may be busy. */
const LONGEST = { timeout: 180_000 };
const nothing = { lost: 0, doubled: 0, outOfOrder: 0, open: 0, unknown: 0, dead: 0, failed: 0 };
/** The host that it is loaded into tells what its Markdown parser is given. */
const watcher = new URL('watch-parser.mjs', import.meta.url).href;
const marks = '>'.repeat(2000);

it('two thousand marks are a message like others: a stranger’s stop nobody, the owner’s are answered', {
  ...LONGEST,
}, async () => {
  const stage = await createStage({ chats: 1 });
  onTestFinished(() => stage.close());
  const { fake } = stage.platform;
  const { world } = fake;
  const [wired = stage.terminal] = stage.chats;
  const unwired = { id: world.nextId(), type: 0, name: 'elsewhere', guild_id: world.guildId };
  world.channels.set(unwired.id, unwired);
  const eve = { id: world.nextId(), username: 'eve', global_name: 'Eve' };

  const parsedTexts = path.join(stage.home.home, 'parsed-texts');
  const watched = { NODE_OPTIONS: `--import ${watcher}`, PARSED_TEXTS: parsedTexts };
  const host = await stage.start(watched);
  for (let at = 0; at < 8; at += 1) fake.say(unwired, marks, { from: eve });
  stage.terminal.ask(echo('m1'));
  for (const text of [marks, '1. '.repeat(600)]) fake.say(world.general, text, { from: eve });
  wired.ask({ text: `m1 ${marks.slice(4)}`, sends: [], replies: ['m1'] });
  await stage.settled();
  await host.stop();

  // In the history that the next start reads they are messages too.
  for (const text of [marks, '1. '.repeat(600)]) fake.say(world.general, text, { from: eve, unheard: true });
  wired.ask(echo('m2'));
  const next = await stage.start(watched);
  stage.terminal.ask(echo('m2'));
  const tallied = await finish(stage, wired, next.stop);
  expect(tallied).toMatchObject({ ...nothing, sent: 4, answered: 4 });
  // Not once, however soon the parser would be done with it.
  const parsed = readFileSync(parsedTexts, 'utf8').split('\n');
  expect(parsed).toContain('"watched"');
  expect(parsed.filter((text) => /> ?>|1\. 1\./.test(text)).map((text) => text.slice(0, 20))).toEqual([]);
  // What the agent says back holds a link now and then: no platform is made to open it.
  const saying = fake.requests.filter((name) => /^POST \/channels\/\d+\/messages$/.test(name));
  expect(saying.length).toBeGreaterThan(0);
  const bodies = fake.bodies
    .map((body) => JSON.stringify(body))
    .filter((body) => /"content":"[^"]/.test(body));
  expect(bodies.length).toBeGreaterThan(0);
  for (const body of bodies) expect(body).toContain('"flags":4');
  const lost = stage.home
    .log()
    .filter(({ msg }) => /not understood|not taken in|intake failed/.test(`${msg}`))
    // A locked database is no fault of a text: it passes, and above all four were answered.
    .filter(({ code }) => code !== 'SQLITE_BUSY');
  expect(lost).toEqual([]);
});
