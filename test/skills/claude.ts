import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { codeRoot } from '../../src/config.js';
import { createMessagesApi, type MessagesApi, type ModelCall, type Reply } from '../fakes/messages-api.js';
import { commandsIn } from '../unit/skills/skills.js';

/**
 * What the player of the model does next, and what comes back: the results of the tools and what Claude Code added. It
 * is begun with the prompt as Claude Code sends it, the skill's text in it.
 */
export type Play = (opening: string) => AsyncGenerator<Reply, string, string>;

export interface SkillRun {
  exitCode: number | null;
  /** Names of the skills that Claude Code found. */
  skills: string[];
  /** What the person was asked by the question tool. */
  questions: string[];
  /** The commands that Claude Code asked the person about before it ran them. */
  asked: string[];
  /** Every command that the model had run, with what it got. */
  ran: { command: string; output: string }[];
}

/** Claude Code's own program, as the Agent SDK ships it. */
function claudeProgram(): string {
  const sdk = createRequire(join(codeRoot, 'container', 'agent-runner', 'package.json')).resolve(
    '@anthropic-ai/claude-agent-sdk',
  );
  return createRequire(sdk).resolve(
    `@anthropic-ai/claude-agent-sdk-${process.platform}-${process.arch}/claude`,
  );
}

/** The Messages API for both: the player for Claude Code, and an agent in its container that says back what it hears. */
export async function createModel(): Promise<
  MessagesApi & { play(next: Play | null): void; failure(): unknown }
> {
  let next: Play | null = null;
  let player: ReturnType<Play> | null = null;
  let failure: unknown = null;
  const api = await createMessagesApi(async (call) => {
    if (call.tools.some((name) => name.startsWith('mcp__wharfie__'))) return agentAnswer(call);
    if (!next) return { status: 400, message: 'nobody plays the model' };
    const heard = [...call.toolResults.map((result) => result.text), call.lastUser].join('\n');
    try {
      const first = player === null;
      player ??= next(heard);
      return (await (first ? player.next() : player.next(heard))).value;
    } catch (error) {
      failure ??= error;
      return 'The player has given up.';
    }
  });
  return Object.assign(api, {
    play(play: Play | null) {
      next = play;
      player = null;
    },
    failure: () => failure,
  });
}

function agentAnswer({ lastUser }: ModelCall): Reply {
  const heard = />([^<]*)<\/message>\s*$/.exec(lastUser.trim())?.[1] ?? lastUser;
  return /check-[0-9a-f]{8}/.exec(heard)?.[0] ?? `You wrote: ${heard}`;
}

/** What the person says to a question of Claude Code. */
export type Answer = 'yes' | 'no' | 'always';

/** Runs `claude` with this prompt in the checkout until the player has ended. */
export async function runClaude(options: {
  model: Awaited<ReturnType<typeof createModel>>;
  prompt: string;
  root: string;
  home: string;
  env: Record<string, string>;
  play: Play;
  /** Default: yes to everything. */
  person?: (command: string) => Answer;
}): Promise<SkillRun> {
  const { model, prompt, root, home, env, play, person = () => 'yes' } = options;
  const config = join(home, '.claude');
  mkdirSync(config, { recursive: true });
  // A key in the environment would be one in the environment of every step too.
  writeFileSync(join(config, 'settings.json'), JSON.stringify({ apiKeyHelper: 'echo sk-of-claude-code' }));
  // The person has said that they trust this folder: without that its settings allow nothing.
  const trusted = { projects: { [root]: { hasTrustDialogAccepted: true } } };
  writeFileSync(join(config, '.claude.json'), JSON.stringify(trusted));
  model.play(play);
  const streams = ['--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose'];
  const child = spawn(claudeProgram(), [...streams, '--permission-prompt-tool', 'stdio'], {
    cwd: root,
    env: {
      ...env,
      CLAUDE_CONFIG_DIR: config,
      ANTHROPIC_BASE_URL: model.url,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      ENABLE_TOOL_SEARCH: 'false',
      IS_SANDBOX: '1',
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exit = once(child, 'close');
  const send = (message: object) => child.stdin.write(`${JSON.stringify(message)}\n`);
  send({ type: 'control_request', request_id: 'begin', request: { subtype: 'initialize', hooks: {} } });
  send({
    type: 'user',
    message: { role: 'user', content: prompt },
    parent_tool_use_id: null,
    session_id: '',
  });
  const asked: string[] = [];
  const questions: string[] = [];
  const events: StreamEvent[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const event: StreamEvent = JSON.parse(line);
    events.push(event);
    if (event.type === 'result') child.stdin.end();
    const { request } = event;
    if (event.type !== 'control_request' || request?.subtype !== 'can_use_tool') continue;
    const asks = request.input.questions?.map((one) => one.question);
    if (asks) {
      questions.push(...asks);
      const response = { behavior: 'allow', updatedInput: answered(request.input) };
      const answer = { subtype: 'success', request_id: event.request_id, response };
      send({ type: 'control_response', response: answer });
      continue;
    }
    const command = request.input.command ?? JSON.stringify(request.input);
    asked.push(command);
    const response = responseOf(person(command), request);
    send({
      type: 'control_response',
      response: { subtype: 'success', request_id: event.request_id, response },
    });
  }
  const [exitCode] = await exit;
  model.play(null);
  if (model.failure()) throw model.failure();
  return { exitCode, asked, questions, ...readEvents(events) };
}

/** What the dialog of Claude Code would answer: "always" takes all that it offers. */
function responseOf(answer: Answer, { input, permission_suggestions }: PermissionRequest): object {
  if (answer === 'no') return { behavior: 'deny', message: 'The person said no.' };
  const offered = answer === 'always' ? (permission_suggestions ?? []) : [];
  return { behavior: 'allow', updatedInput: input, updatedPermissions: offered };
}

/** The person takes the first option of each question. */
function answered(input: PermissionRequest['input']): object {
  const pairs = (input.questions ?? []).map(({ question, options }) => [question, options[0]?.label]);
  return { ...input, answers: Object.fromEntries(pairs) };
}

interface PermissionRequest {
  subtype: string;
  input: { command?: string; questions?: { question: string; options: { label: string }[] }[] };
  permission_suggestions?: unknown[];
}

interface StreamEvent {
  type?: string;
  request_id?: string;
  request?: PermissionRequest;
  skills?: string[];
  slash_commands?: string[];
  message?: {
    content?: {
      type: string;
      id?: string;
      input?: { command?: string };
      tool_use_id?: string;
      content?: unknown;
    }[];
  };
}

function readEvents(events: readonly StreamEvent[]): Omit<SkillRun, 'exitCode' | 'asked' | 'questions'> {
  const blocks = events.flatMap(({ message }) => (Array.isArray(message?.content) ? message.content : []));
  const results = new Map(blocks.map((block) => [block.tool_use_id, block.content]));
  const ran = blocks.flatMap(({ id, input }) =>
    input?.command === undefined ? [] : [{ command: input.command, output: String(results.get(id) ?? '') }],
  );
  return { skills: events.find((event) => event.slash_commands !== undefined)?.slash_commands ?? [], ran };
}

/** A call of the tool that runs commands. */
export function bash(command: string): Reply {
  return { tools: [{ name: 'Bash', input: { command, description: 'a step', timeout: 590_000 } }] };
}

/**
 * The command that the skill's text has for this, with its placeholders filled: what the prose says is what runs.
 * Throws where the text has no such command or a placeholder is left.
 */
export function fromSkill(text: string, part: string, values: Record<string, string> = {}): string {
  const commands = commandsIn(text);
  // `service` is another command than `service --dry-run`.
  const found =
    commands.find((command) => command.text.endsWith(part)) ??
    commands.find((command) => command.text.includes(part));
  if (!found) throw new Error(`the skill has no command with ${part}:\n${text.slice(0, 500)}`);
  const filled = Object.entries(values).reduce(
    (command, [name, value]) => command.replaceAll(`<${name}>`, value),
    found.text,
  );
  if (/<[^>]+>/.test(filled)) throw new Error(`not filled: ${filled}`);
  return filled;
}

/** The fields of the last status block in a result. */
export function blockOf(text: string): Record<string, string> {
  const block = text.split('=== WHARFIE SETUP: ').at(-1)?.split('=== END ===')[0] ?? '';
  return Object.fromEntries(
    block
      .split('\n')
      .slice(1)
      .flatMap((line) => {
        const [, name, value] = /^([A-Z_]+): (.*)$/.exec(line) ?? [];
        return name === undefined || value === undefined ? [] : [[name, value]];
      }),
  );
}
