import { readdirSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../system/eventually.js';
import { createInstallation, type Installation } from '../system/host-process.js';

let place: Installation;

beforeEach(() => {
  place = createInstallation();
});
afterEach(() => place.remove());

/** The rows of the one session's inbound.db. */
function tasks(): { status: string; process_after: number | null; recurrence: string | null }[] {
  const root = path.join(place.home, 'data', 'v2-sessions');
  const [file] = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('inbound.db'),
  );
  const db = new Database(path.join(root, file ?? ''), { readonly: true, timeout: 5000 });
  try {
    return db
      .prepare<[], ReturnType<typeof tasks>[number]>(
        "SELECT status, process_after, recurrence FROM messages_in WHERE kind = 'task' ORDER BY seq",
      )
      .all();
  } finally {
    db.close();
  }
}

const call = (tool: string, args: unknown) => `!call ${tool} ${JSON.stringify(args)}`;

describe('tasks', () => {
  it('run in the chat that they were made in, and a series goes on though the host dies as it ends a run', async () => {
    const first = place.launch({ WHARFIE_CRASH_AT: 'sweep:recurrence' });
    await first.ready;
    const chat = await first.chat();
    const yearly = {
      prompt: '!reply happy new year',
      recurrence: '0 0 1 1 *',
      processAfter: new Date().toISOString(),
    };
    chat.send(call('schedule_task', yearly));
    await first.exited;
    expect(tasks()).toEqual([
      { status: 'pending', process_after: expect.any(Number), recurrence: '0 0 1 1 *' },
    ]);
    const second = await place.start();
    const again = await second.chat();
    await again.hears('happy new year');
    await eventually(() => tasks().length === 2);
    const year = new Date().getFullYear() + 1;
    expect(tasks()).toEqual([
      { status: 'done', process_after: expect.any(Number), recurrence: '0 0 1 1 *' },
      // Midnight in Berlin.
      { status: 'pending', process_after: Date.UTC(year, 0, 1) - 3_600_000, recurrence: '0 0 1 1 *' },
    ]);
    again.send(call('list_tasks', {}));
    await again.hears(`next ${year}-01-01T00:00+01:00, recurrence 0 0 1 1 *: !reply happy new year`);
    const said = [...chat.said, ...again.said].filter((text) => text === 'happy new year');
    expect(said).toHaveLength(1);
  });

  it('are refused in words that the agent reads', async () => {
    const host = await place.start();
    const chat = await host.chat();
    chat.send(call('schedule_task', { prompt: 'x', recurrence: 'every monday' }));
    await eventually(() => place.log().some((line) => line.msg === 'action refused'));
    chat.send('!reply and now?');
    await chat.hears('[mock] news: "schedule_task" was refused: "every monday" is not a cron expression');
  });
});

describe('questions', () => {
  it('are answered after the host was killed and started again', async () => {
    const first = await place.start();
    const chat = await first.chat();
    chat.send(
      call('ask_user_question', { title: 'Colour', question: 'Which one?', options: ['Red', 'Blue'] }),
    );
    await chat.hears('2. Blue');
    await first.kill();
    const second = await place.start();
    const again = await second.chat();
    again.send('2', 'answer-1');
    await again.hears('was answered by "Owner" (cli:owner, owner): "Blue".');
    // The same line again, as a terminal sends it whose host was gone before it heard back.
    again.send('2', 'answer-1');
    again.send('!reply done');
    await again.hears('done');
    expect(again.said.filter((text) => text.includes('answered'))).toHaveLength(1);
    expect(again.said.join('\n')).not.toContain('You said: 2');
  });

  it('expire while the host is away; the agent that waits hears of it', async () => {
    const first = await place.start();
    const chat = await first.chat();
    const question = { title: '', question: 'Shall I?', options: ['Yes', 'No'], timeout: 0.1 };
    chat.send(call('ask_user_question', question));
    await chat.hears('2. No');
    await first.kill();
    const second = await place.start();
    await (await second.chat()).hears('"Shall I?", has expired');
  });
});
