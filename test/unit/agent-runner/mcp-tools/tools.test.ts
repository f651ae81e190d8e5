import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MAX_TEXT } from '../../../../container/agent-runner/src/mcp-tools/core.ts';
import { chatContentSchema, systemContentSchema } from '../../../../src/outbound-reader/types.js';
import { startLoop, type TestLoop } from '../loop.js';
import { createSession, type TestSession } from '../session.js';

const chatWithFiles = z.object({
  files: z.array(z.object({ path: z.string(), name: z.string(), mimeType: z.string() })),
});

describe('the tools', () => {
  let session: TestSession;
  let run: TestLoop;
  beforeEach(async () => {
    session = createSession();
    session.inbound.exec(`INSERT INTO destinations VALUES ('family', 'telegram', 'telegram:1')`);
    run = await startLoop(session);
    session.say('!hang');
    await run.until(() => run.loop.turn !== null);
  });
  afterEach(async () => {
    await run.stop();
    session.remove();
  });
  const call = async (name: string, args: unknown) => {
    const result = await run.loop.tools.find((tool) => tool.name === name)?.call(args);
    if (!result) throw new Error(`no tool ${name}`);
    return result;
  };

  it('are the ones that the design names', () => {
    expect(run.loop.tools.map((tool) => tool.name)).toEqual([
      ...['send_message', 'send_file', 'edit_message', 'add_reaction', 'stay_silent'],
      ...['schedule_task', 'list_tasks', 'update_task', 'cancel_task', 'pause_task', 'resume_task'],
      ...['ask_user_question', 'send_card'],
    ]);
  });

  it('write nothing that the host would refuse', async () => {
    writeFileSync(session.path('agent/plan.pdf'), 'pdf');
    const uses: [string, unknown][] = [
      ['send_message', { text: 'hi' }],
      ['send_message', { text: 'x'.repeat(MAX_TEXT), to: 'family' }],
      ['send_file', { path: 'plan.pdf', text: 'here' }],
      ['edit_message', { messageId: 3, text: 'ho' }],
      ['add_reaction', { messageId: 2, emoji: '👍' }],
      [
        'ask_user_question',
        { title: 't', question: 'q?', options: ['a', { label: 'B', value: 'b' }], timeout: 60, for: 'owner' },
      ],
      ['send_card', { card: { title: 'T', text: 'x' } }],
      ['schedule_task', { prompt: 'p', processAfter: '2026-11-23T09:00', recurrence: '0 9 * * *' }],
      ['update_task', { taskId: 'ser_1', recurrence: null }],
      ['cancel_task', { taskId: 'ser_1' }],
    ];
    for (const [name, args] of uses) expect(await call(name, args)).toMatchObject({ isError: false });
    const rows = session.out();
    expect(rows).toHaveLength(uses.length);
    for (const row of rows) {
      const schema = row.kind === 'chat' ? chatContentSchema : systemContentSchema;
      expect(schema.safeParse(row.content).error).toBeUndefined();
      expect(JSON.stringify(row.content).length).toBeLessThan(1_000_000);
    }
    expect(rows[1]).toMatchObject({
      channel_type: 'telegram',
      platform_id: 'telegram:1',
      content: { to: 'family' },
    });
    expect(rows[5]?.content).toMatchObject({ for: 'owner' });
    expect(rows[7]?.content).toMatchObject({ processAfter: Date.UTC(2026, 10, 23, 8) });
  });

  it('send a copy of the file, which stays what it was', async () => {
    writeFileSync(session.path('agent/a b.txt'), 'before');
    await call('send_file', { path: '/workspace/agent/a b.txt' });
    writeFileSync(session.path('agent/a b.txt'), 'after');
    const [file] = chatWithFiles.parse(session.out()[0]?.content).files;
    expect(file).toMatchObject({ name: 'a b.txt', mimeType: 'text/plain' });
    expect(readFileSync(session.path(`out/files/${file?.path}`), 'utf8')).toBe('before');
  });

  it.each([
    ['send_message', { text: '' }, 'text'],
    ['send_message', { text: 'x', to: 'nobody' }, 'There are: "family"'],
    ['send_file', { path: 'nothing.txt' }, 'no file'],
    ['send_file', { path: '/workspace/agent' }, 'not a file'],
    ['edit_message', { messageId: 2, text: 'x' }, 'Only your own'],
    ['edit_message', { messageId: 99, text: 'x' }, 'no message 99'],
    ['add_reaction', { messageId: 44, emoji: '👍' }, 'no message 44'],
    ['schedule_task', { prompt: 'p', processAfter: 'tomorrow' }, 'not a time'],
    ['ask_user_question', { title: 't', question: 'q', options: [] }, 'options'],
    ['ask_user_question', { title: 't', question: 'q', options: ['a'], for: 'guest' }, 'for'],
  ])('%s tells the agent what is wrong', async (name, args, part) => {
    expect(await call(name, args)).toMatchObject({ isError: true, text: expect.stringContaining(part) });
    expect(session.out()).toEqual([]);
  });

  it('schedule_task stands once in a turn, list_tasks shows what the host has', async () => {
    const task = { prompt: 'water', processAfter: '2026-11-23T09:00+01:00' };
    const first = await call('schedule_task', task);
    expect((await call('schedule_task', task)).text).toContain('already');
    expect(first.text).toMatch(/ser_/);
    expect(session.out()).toHaveLength(1);
    session.task('water', { id: 'task_1', processAfter: Date.UTC(2026, 10, 23, 8) });
    expect((await call('list_tasks', {})).text).toBe('task_1: next 2026-11-23T09:00+01:00: water');
  });

  it('can do nothing once the turn has been stopped', async () => {
    session.setStatus('in_1', 'cancelled');
    await run.until(() => run.loop.turn === null);
    expect(await call('send_message', { text: 'late' })).toMatchObject({ isError: true });
    expect(session.out()).toEqual([]);
  });
});
