import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { listAudit } from '../../src/db/central/audit.js';
import { openCentralDb } from '../../src/db/central/index.js';
import { eventually } from '../system/eventually.js';
import { createInstallation, type Installation } from '../system/host-process.js';
import { stepHere } from '../system/steps-here.js';

let home: Installation;

beforeEach(() => {
  home = createInstallation({ WHARFIE_DOCKER_SOCKET: '/nonexistent/docker.sock' });
});
afterEach(() => home.remove());

const call = (tool: string, args: unknown) => `!call ${tool} ${JSON.stringify(args)}`;
const task = (n: number, recurrence = '0 9 * * *') =>
  call('schedule_task', { prompt: `!reply ran ${n}`, recurrence });
const step = (...argv: string[]) => stepHere(home, 'tasks', ...argv);

const listSchema = z.object({
  ACTIVE: z.number(),
  PAUSED: z.number(),
  TASKS: z.array(z.object({ id: z.string(), folder: z.string(), state: z.string(), prompt: z.string() })),
});
const list = async () => listSchema.parse((await step('--list')).fields);

/** The folder of the terminal's agent group. */
const folderOf = ({ TASKS }: Awaited<ReturnType<typeof list>>) => TASKS[0]?.folder ?? '';

describe('tasks', () => {
  it('are bounded, and the running host lists, pauses, resumes, runs and ends them for the operator', async () => {
    const host = await home.start();
    const chat = await host.chat();
    chat.send(task(0, '* * * * *'));
    for (let n = 1; n <= 22; n += 1) chat.send(task(n));
    await eventually(() => home.log().filter((line) => line.msg === 'action refused').length === 3);
    chat.send('!reply and now?');
    const folder = folderOf(await list());
    await chat.hears(`./wharfie group --folder "${folder}" --min-task-interval 1m`);
    await chat.hears(`./wharfie group --folder "${folder}" --max-tasks 50`);
    const before = await list();
    expect(before).toMatchObject({ ACTIVE: 20, PAUSED: 0 });

    await stepHere(home, 'group', '--folder', folder, '--max-tasks', '21');
    chat.send(task(23));
    await eventually(async () => (await list()).ACTIVE === 21);

    const [first, second] = before.TASKS.map(({ id }) => id);
    const named = ['--folder', folder, '--id', first ?? ''];
    const paused = await step('--pause', ...named, '--id', second ?? '');
    expect(paused.fields).toMatchObject({ STATUS: 'success', RESULT: 'done', BY: 'host', COUNT: 2 });
    expect(await list()).toMatchObject({ ACTIVE: 19, PAUSED: 2 });
    expect((await step('--run-now', ...named)).fields).toMatchObject({ ERROR: 'task-refused' });
    expect((await step('--resume', ...named)).fields).toMatchObject({ RESULT: 'done', BY: 'host' });
    expect((await step('--run-now', ...named)).fields).toMatchObject({ RESULT: 'done', BY: 'host' });
    await chat.hears('ran 1');
    chat.send('/tasks');
    await chat.hears('21 tasks in this chat:');
    expect((await step('--cancel', '--folder', folder, '--all')).fields).toMatchObject({ COUNT: 21 });
    expect(await list()).toMatchObject({ ACTIVE: 0, PAUSED: 0 });
    chat.send('/tasks');
    await chat.hears('There is no task in this chat.');
    await host.stop();

    const db = openCentralDb(path.join(home.home, 'data', 'v2.db'));
    const audit = listAudit(db, 100).filter(({ action }) => action.startsWith('task.'));
    db.close();
    expect(audit).toHaveLength(25);
    expect(new Set(audit.map(({ actor }) => actor))).toEqual(new Set(['setup']));
  });

  it('are ended without a host too, and what is to run now runs when one starts', async () => {
    const first = await home.start();
    const chat = await first.chat();
    for (const n of [1, 2]) chat.send(task(n));
    await eventually(async () => (await list()).ACTIVE === 2);
    await first.stop();
    const [one = '', two = ''] = (await list()).TASKS.map(({ id }) => id);
    expect((await step('--cancel', '--id', one)).fields).toMatchObject({ RESULT: 'done', BY: 'step' });
    expect((await step('--run-now', '--id', two)).fields).toMatchObject({ RESULT: 'done', BY: 'step' });
    expect(await step('--cancel', '--id', one)).toMatchObject({
      exitCode: 4,
      fields: { ERROR: 'no-such-task' },
    });
    expect(await step('--cancel')).toMatchObject({ exitCode: 4, fields: { ERROR: 'missing-flag' } });
    expect(await step('--cancel', '--all')).toMatchObject({ exitCode: 4, fields: { ERROR: 'missing-flag' } });
    expect(await step('--list', '--folder', 'nobody')).toMatchObject({
      exitCode: 4,
      fields: { ERROR: 'unknown-folder' },
    });
    const second = await home.start();
    const again = await second.chat();
    await again.hears('ran 2');
    expect(again.said.join('\n')).not.toContain('ran 1');
    await second.stop();
  });
});
