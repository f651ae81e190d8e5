import { pathsOf } from '../src/config.js';
import { listAgentGroups } from '../src/db/central/agent-groups.js';
import type { CentralDb } from '../src/db/central/index.js';
import type { RequestedAction, RequestResult } from '../src/db/central/session-requests.js';
import { requireAgentGroup } from '../src/people/agent-settings.js';
import { readAllTasks, type TasksOfGroup } from '../src/tasks/all.js';
import { limitsOf, spanWords } from '../src/tasks/bounds.js';
import { type ListedTask, named } from '../src/tasks/listing.js';
import { type FlagSpec, type FlagValues, UsageError } from './lib/flags.js';
import { type Installation, withInstallation, withPresentDb } from './lib/installation.js';
import { carryOut } from './lib/session-requests.js';
import type { Fields, Step, StepContext, StepResult } from './lib/step.js';
import { exactlyOne } from './lib/values.js';

const LONGEST_LIST = 200;
const flags: FlagSpec[] = [
  { name: 'list', kind: 'switch', help: 'what agents will do by themselves, and what is paused' },
  { name: 'pause', kind: 'switch', help: 'these tasks do not run until they are resumed' },
  { name: 'resume', kind: 'switch', help: 'these paused tasks go on' },
  { name: 'cancel', kind: 'switch', help: 'these tasks never run again' },
  { name: 'run-now', kind: 'switch', help: 'these tasks run once at once, and then as before' },
  { name: 'folder', kind: 'value', hint: '<folder>', help: 'of this agent group only' },
  {
    name: 'id',
    kind: 'list',
    hint: '<id>',
    help: 'a task by the id of the list; may be given several times',
  },
  { name: 'all', kind: 'switch', help: 'all tasks of the agent group, with --folder' },
];

const ACTIONS = {
  pause: 'pause-task',
  resume: 'resume-task',
  cancel: 'cancel-task',
  'run-now': 'run-task',
} as const;
const LIST = 'See them: ./wharfie tasks --list';

export const tasks: Step = {
  name: 'tasks',
  class: {
    ...{ '': 'reads', list: 'reads', folder: 'modifies', id: 'modifies', all: 'modifies' },
    ...{ pause: 'grants', resume: 'grants', cancel: 'grants', 'run-now': 'grants' },
  },
  summary: 'what agents will do by themselves: list it, pause it, end it, or have it done now',
  flags,
  async run(values, context) {
    const action = exactlyOne(values, ['list', 'pause', 'resume', 'cancel', 'run-now']);
    if (action === 'list') return list(values, context);
    if (values.on('all') && values.list('id').length > 0) {
      throw new UsageError('conflicting-flags', '--all and --id do not go together.', 'Give one of them.');
    }
    return withInstallation(context, (installation) =>
      decide(context, installation, ACTIONS[action], values),
    );
  },
};

function list(values: FlagValues, { home }: StepContext): Promise<StepResult> {
  const paths = pathsOf(home);
  const [unwanted] = ['id', 'all'].filter((name) => values.on(name) || values.list(name).length > 0);
  if (unwanted !== undefined) {
    throw new UsageError('conflicting-flags', `--${unwanted} does not go with --list.`, 'Leave it out.');
  }
  return withPresentDb(paths, (db) => {
    const { groups, unreadable } = db
      ? readAllTasks(db, paths, groupsOf(db, values.value('folder')))
      : { groups: [], unreadable: [] };
    const all = groups.flatMap((group) => group.tasks.map((task) => described(group, task)));
    const paused = all.filter((task) => task.state === 'paused').length;
    return {
      status: 'success',
      fields: {
        COUNT: all.length,
        ACTIVE: all.length - paused,
        PAUSED: paused,
        LIMITS: groups.filter((one) => one.tasks.length > 0).map(limitsShown),
        TASKS: all.slice(0, LONGEST_LIST),
        ...(unreadable.length > 0 && { UNREADABLE: unreadable }),
      },
    };
  });
}

function groupsOf(db: CentralDb, folder: string | undefined) {
  return folder === undefined ? listAgentGroups(db) : [requireAgentGroup(db, folder)];
}

function described({ agentGroup }: TasksOfGroup, task: ListedTask) {
  return {
    id: task.id,
    folder: agentGroup.folder,
    state: task.state,
    next: task.next === null ? 'now' : new Date(task.next).toISOString(),
    recurrence: task.recurrence,
    chat: task.address.platformId,
    thread: task.address.threadId,
    prompt: task.prompt,
  };
}

function limitsShown({ agentGroup, tasks: own }: TasksOfGroup) {
  const { folder, most, intervalMs } = limitsOf(agentGroup);
  const active = own.filter((task) => task.state !== 'paused').length;
  return { folder, active, most, interval: spanWords(intervalMs) };
}

async function decide(
  context: StepContext,
  installation: Installation,
  action: RequestedAction,
  values: FlagValues,
): Promise<StepResult> {
  const { db, config } = installation;
  const { groups } = readAllTasks(db, config.paths, groupsOf(db, values.value('folder')));
  const meant = meantBy(
    values,
    groups.flatMap((group) => group.tasks),
  );
  if (meant.length === 0) return { status: 'skipped', fields: { RESULT: 'nothing-to-do', COUNT: 0 } };
  const requests = meant.map(({ sessionId, taskId }) => ({ sessionId, subject: taskId, action }));
  const { results, by } = await carryOut(context, installation, requests);
  return concluded(meant, results, { ACTION: action, BY: by });
}

/** The tasks that the flags name. Throws a UsageError where they name none, or more than they say. */
function meantBy(values: FlagValues, all: readonly ListedTask[]): ListedTask[] {
  const ids = values.list('id');
  if (values.on('all')) {
    if (values.value('folder') !== undefined) return [...all];
    throw new UsageError('missing-flag', '--all needs --folder.', `Name the agent group. ${LIST}`);
  }
  if (ids.length === 0) throw new UsageError('missing-flag', 'Which task?', `Give --id. ${LIST}`);
  const meant = ids.map((id) => {
    const [first, second] = named(all, id);
    if (!first)
      throw new UsageError('no-such-task', `There is no task ${JSON.stringify(id.slice(0, 50))}.`, LIST);
    if (second)
      throw new UsageError(
        'ambiguous-task',
        `The id of several tasks begins with ${id}.`,
        `Give more of it. ${LIST}`,
      );
    return first;
  });
  return [...new Set(meant)];
}

function concluded(
  meant: readonly ListedTask[],
  results: readonly (RequestResult | null)[],
  about: Fields,
): StepResult {
  const each = meant.map(({ id }, index) => {
    const { outcome = 'waiting', said = '' } = results[index] ?? {};
    return { id, outcome, message: said };
  });
  const done = each.filter((one) => one.outcome === 'done').length;
  const fields = { RESULT: done > 0 ? 'done' : 'nothing-to-do', ...about, COUNT: done, TASKS: each };
  const bad = each.find((one) => one.outcome !== 'done' && one.outcome !== 'nothing');
  if (!bad) return { status: done > 0 ? 'success' : 'skipped', fields };
  const fix = 'See what becomes of it: ./wharfie tasks --list';
  const failed = { status: 'failed', fix, fields: { ...fields, RESULT: 'not-done' } } as const;
  if (bad.outcome === 'refused') {
    return { ...failed, error: 'task-refused', message: `${bad.id}: ${bad.message}` };
  }
  if (bad.outcome === 'waiting') {
    const message =
      'The running host has not looked at the request yet. It is stored, and will be carried out.';
    return { ...failed, error: 'host-busy', message };
  }
  return {
    ...failed,
    error: 'task-request-failed',
    message: `The conversation of ${bad.id} cannot be written now.`,
  };
}
