import { z } from 'zod';
import { zonedMinute } from '../prompt/time.ts';
import { sameAddress } from '../turn.ts';
import { defineTool, type Tool, type ToolContext } from './types.ts';
import { parseWhen } from './when.ts';

const prompt = z.string().min(1).max(20_000).describe('What you will be asked to do then.');
const processAfter = z
  .string()
  .max(40)
  .describe('When, such as 2026-11-22T09:05 (in the time zone of the user) or with an offset.');
const recurrence = z.string().min(1).max(200).describe('A cron expression in the time zone of the user.');
const missed = z
  .enum(['latest', 'skip'])
  .optional()
  .describe('Of the times that nobody was there for: the latest one runs late (default), or none.');
const taskId = z.string().min(1).max(100).describe('As schedule_task or list_tasks gave it.');

/** Requests to the host, which keeps the tasks; it answers with news when it refuses one. */
export function schedulingTools(context: ToolContext): Tool[] {
  return [
    defineTool({
      name: 'schedule_task',
      description:
        'Has you do something later or regularly, in this chat. Without processAfter: at the next time of the recurrence, or at once.',
      shape: { prompt, processAfter: processAfter.optional(), recurrence: recurrence.optional(), missed },
      run: (args) => schedule(context, args),
    }),
    defineTool({
      name: 'list_tasks',
      description: 'Lists what is scheduled in this conversation.',
      shape: {},
      run: async () => listTasks(context),
    }),
    defineTool({
      name: 'update_task',
      description: 'Changes what is given of a scheduled task.',
      shape: {
        taskId,
        prompt: prompt.optional(),
        processAfter: processAfter.optional(),
        recurrence: recurrence.nullable().optional().describe('A cron expression, or null for once only.'),
        missed,
      },
      async run(args) {
        const { processAfter: at, ...rest } = args;
        const when = at === undefined ? {} : { processAfter: parseWhen(at, context.timeZone) };
        await context.say({ kind: 'system', content: { action: 'update_task', ...rest, ...when } });
        return `The change of ${args.taskId} has been asked for.`;
      },
    }),
    ...(['cancel', 'pause', 'resume'] as const).map((verb) =>
      defineTool({
        name: `${verb}_task`,
        description: DESCRIPTIONS[verb],
        shape: { taskId },
        async run(args) {
          await context.say({ kind: 'system', content: { action: `${verb}_task`, taskId: args.taskId } });
          return `Asked to ${verb} ${args.taskId}.`;
        },
      }),
    ),
  ];
}

const DESCRIPTIONS = {
  cancel: 'Ends a scheduled task for good.',
  pause: 'Holds a scheduled task until it is resumed.',
  resume: 'Lets a paused task go on.',
};

async function schedule(
  context: ToolContext,
  args: {
    prompt: string;
    processAfter?: string | undefined;
    recurrence?: string | undefined;
    missed?: 'latest' | 'skip' | undefined;
  },
): Promise<string> {
  const turn = context.turn();
  const content = {
    action: 'schedule_task',
    prompt: args.prompt,
    processAfter: args.processAfter === undefined ? null : parseWhen(args.processAfter, context.timeZone),
    recurrence: args.recurrence ?? null,
    ...(args.missed === undefined ? {} : { missed: args.missed }),
  };
  const twin = context.outbox
    .ofTurn(turn.id)
    .find((row) => sameRequest(row.content, content) && sameAddress(row.address, turn.address));
  // Asked again after an interruption: it stands already.
  if (twin) return `Scheduled already in this turn as ${String(twin.content.taskId)}.`;
  const id = context.newId('ser');
  await context.say({ kind: 'system', content: { ...content, taskId: id } });
  return `Scheduled as ${id}.`;
}

function sameRequest(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  return ['action', 'prompt', 'processAfter', 'recurrence', 'missed'].every((key) => a[key] === b[key]);
}

const taskRow = z.object({
  id: z.string(),
  series_id: z.string().nullable(),
  status: z.string(),
  process_after: z.number().nullable(),
  recurrence: z.string().nullable(),
  content: z.string(),
});
const taskContent = z.object({ prompt: z.string() });

function listTasks(context: ToolContext): string {
  const lines = context.inbound.rows('tasks', taskRow).map((row) => {
    const when = row.process_after === null ? 'now' : zonedMinute(row.process_after, context.timeZone);
    const recurring = row.recurrence === null ? '' : `, recurrence ${row.recurrence}`;
    const state = row.status === 'paused' ? ', paused' : '';
    const what = taskContent.safeParse(JSON.parse(row.content));
    return `${row.series_id ?? row.id}: next ${when}${recurring}${state}: ${what.success ? what.data.prompt : ''}`;
  });
  return lines.join('\n') || 'Nothing is scheduled.';
}
