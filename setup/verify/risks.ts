import type { Finding } from './types.js';

/** What is set up so that it works, and gives somebody more than was meant. Each with the command that takes it back. */
export interface RiskFacts {
  /** Chats in which strangers are heard, whose agent also serves a chat that is none of theirs. */
  openOnPrivate: { platformId: string; folder: string; besides: string; fix: string }[];
  /** The main group's folder, where that group may reach the web. */
  webOnMain: string | null;
  /** Mounts of a folder that lies in another one which some agent may write, and so may put something else in its place. */
  mountsInside: { folder: string; path: string; writable: string; writer: string; fix: string }[];
  /** Things that agents made in their folders, and that programs of a person take orders from. */
  planted: { folder: string; path: string; fix: string }[];
  tasks: TasksFound[];
}

export interface TasksFound {
  folder: string;
  active: number;
  most: number;
  /** As the flag takes it. */
  interval: string;
  /** Those that run more often than that. */
  tooOften: { id: string; recurrence: string }[];
}

const GROUP = (folder: string) => `./wharfie group --folder "${folder}"`;
const PAUSE = (folder: string) => `./wharfie tasks --pause --folder "${folder}"`;
const MOST_IDS = 20;

export function judgeRisks(facts: RiskFacts): Finding[] {
  const warning = (id: string, message: string, fix: string): Finding => ({
    ...{ id, layer: 'wiring', severity: 'warning', message, fix },
  });
  const found: Finding[] = [];
  for (const { platformId, folder, besides, fix } of facts.openOnPrivate) {
    const message = `Strangers are heard in ${platformId}, and its agent ${folder} also serves ${besides}: what one of them has it remember or do, it remembers and does there.`;
    found.push(warning('open-chat-on-private-folder', message, fix));
  }
  if (facts.webOnMain !== null) {
    const message = `${facts.webOnMain}, the agent of the main chat, may reach the whole web: what it knows can leave by any page.`;
    found.push(warning('web-on-private-group', message, `${GROUP(facts.webOnMain)} --egress model`));
  }
  for (const { folder, path, writable, writer, fix } of facts.mountsInside) {
    const message = `${path} is mounted for ${folder} and lies in ${writable}, which ${writer} may write: it could put another folder in its place.`;
    found.push(warning('mount-inside-writable', message, fix));
  }
  for (const { folder, path, fix } of facts.planted) {
    const message = `The agent ${folder} has made ${path}: git or Claude Code, run there by a person, would do what it says.`;
    found.push(warning('group-holds-git', message, fix));
  }
  for (const { folder, active, most, interval, tooOften } of facts.tasks) {
    if (active > most) {
      const message = `${folder} has ${active} active tasks, more than the ${most} that may be made now; they go on.`;
      const keep = `each goes on with --resume --id; or keep all: ${GROUP(folder)} --max-tasks ${active}`;
      found.push(warning('tasks-too-many', message, `${PAUSE(folder)} --all (${keep})`));
    }
    const [first] = tooOften;
    if (!first) continue;
    const count =
      tooOften.length === 1 ? `1 task of ${folder} runs` : `${tooOften.length} tasks of ${folder} run`;
    const message = `${count} more often than every ${interval}, as ${JSON.stringify(first.recurrence)} does.`;
    const which = tooOften.length > MOST_IDS ? '--all' : tooOften.map(({ id }) => `--id ${id}`).join(' ');
    const keep = `or keep what is: ${GROUP(folder)} --min-task-interval 1m`;
    found.push(warning('tasks-too-often', message, `${PAUSE(folder)} ${which} (${keep})`));
  }
  return found;
}
