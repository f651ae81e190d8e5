import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createSdkMcpServer, type Options, tool } from '@anthropic-ai/claude-agent-sdk';
import type { Tool } from '../../mcp-tools/types.ts';

/** Tools of the program that our own replace, or that need a person at a terminal. */
const NOT_HERE = [
  'AskUserQuestion',
  'CronCreate',
  'CronDelete',
  'CronList',
  'EnterPlanMode',
  'EnterWorktree',
  'ExitPlanMode',
  'ExitWorktree',
  'ListAgents',
  'Monitor',
  'PushNotification',
  'RemoteTrigger',
  'ReportFindings',
  'ScheduleWakeup',
  'SendMessage',
  'Workflow',
];

export interface ClaudeSetup {
  /** Working folder. */
  cwd: string;
  model: string | null;
  env: Record<string, string>;
  /** Folder whose `skills/` are offered to the agent; null: none. */
  skillsRoot: string | null;
  onStderr(text: string): void;
}

export function claudeOptions(setup: ClaudeSetup, systemPrompt: string, tools: Tool[]): Options {
  const { skillsRoot } = setup;
  return {
    cwd: setup.cwd,
    env: setup.env,
    ...(setup.model === null ? {} : { model: setup.model }),
    systemPrompt: { type: 'preset', preset: 'claude_code', append: systemPrompt, snapshot: false },
    // What lies in the working folder is data: no settings, hooks or servers are taken from it.
    settingSources: [],
    strictMcpConfig: true,
    settings: { skipWebFetchPreflight: true, attribution: { commit: '', pr: '' } },
    // What people write is never a command or a file mention: `@/etc/hostname` in a chat would be read in.
    verbatimPrompts: true,
    permissionMode: 'bypassPermissions',
    allowDangerouslySkipPermissions: true,
    disallowedTools: NOT_HERE,
    skills: skillsRoot === null ? [] : skillNames(skillsRoot),
    plugins: skillsRoot === null ? [] : [{ type: 'local', path: skillsRoot }],
    mcpServers: { wharfie: toolServer(tools) },
    // The only way to hear why an answer ended: at a limit, declined, or not at all.
    includePartialMessages: true,
    extraArgs: { 'replay-user-messages': null },
    stderr: setup.onStderr,
  };
}

/** As the program names them: `<folder of the plug-in>:<skill>`. */
function skillNames(root: string): string[] {
  const folder = join(root, 'skills');
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'SKILL.md')));
  return names.map((name) => `${basename(root)}:${name}`);
}

function toolServer(tools: Tool[]) {
  const offered = tools.map((one) =>
    tool(one.name, one.description, one.shape, async (args) => {
      const { text, isError, endsTurn } = await one.call(args);
      const content = [{ type: 'text' as const, text }];
      // The program ends the turn there instead of asking the model for a text that nobody wants.
      return endsTurn ? { content, isError, _meta: { 'claude/endTurn': true } } : { content, isError };
    }),
  );
  return createSdkMcpServer({ name: 'wharfie', tools: offered, alwaysLoad: true });
}
