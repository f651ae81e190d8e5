import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
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

/** Runs `claude -p <prompt>` in the checkout until the player has ended. */
export async function runClaude(options: {
  model: Awaited<ReturnType<typeof createModel>>;
  prompt: string;
  root: string;
  home: string;
  env: Record<string, string>;
  play: Play;
}): Promise<SkillRun> {
  const { model, prompt, root, home, env, play } = options;
  const config = join(home, '.claude');
  mkdirSync(config, { recursive: true });
  // A key in the environment would be one in the environment of every step too.
  writeFileSync(join(config, 'settings.json'), JSON.stringify({ apiKeyHelper: 'echo sk-of-claude-code' }));
  model.play(play);
  const child = spawn(claudeProgram(), ['-p', prompt, '--output-format', 'stream-json', '--verbose'], {
    cwd: root,
    env: {
      ...env,
      CLAUDE_CONFIG_DIR: config,
      ANTHROPIC_BASE_URL: model.url,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      ENABLE_TOOL_SEARCH: 'false',
      IS_SANDBOX: '1',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  const [exitCode] = await once(child, 'close');
  model.play(null);
  if (model.failure()) throw model.failure();
  return { exitCode, ...readStream(out) };
}

interface StreamEvent {
  type?: string;
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

function readStream(out: string): Omit<SkillRun, 'exitCode'> {
  const events: StreamEvent[] = out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  const blocks = events.flatMap(({ message }) => (Array.isArray(message?.content) ? message.content : []));
  const results = new Map(blocks.map((block) => [block.tool_use_id, block.content]));
  const ran = blocks.flatMap(({ id, input }) =>
    input?.command === undefined ? [] : [{ command: input.command, output: String(results.get(id) ?? '') }],
  );
  return { skills: events.find((event) => event.type === 'system')?.slash_commands ?? [], ran };
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
  // `--step service` is another command than `--step service -- --dry-run`.
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
