// The floor of an answer of the real Claude: the Agent SDK alone, kept warm as the agent's runner keeps it, and nothing
// else. Each ring on standard input is a message; each answer rings back.
import { query } from '@anthropic-ai/claude-agent-sdk';

let wake = () => {};
const waiting = [];
process.stdin.on('data', () => {
  waiting.push('hello');
  wake();
});

async function* messages() {
  for (;;) {
    while (waiting.length > 0) {
      const content = waiting.shift();
      yield { type: 'user', message: { role: 'user', content }, parent_tool_use_id: null };
    }
    await new Promise((resolve) => {
      wake = resolve;
    });
  }
}

const running = query({
  prompt: messages(),
  options: {
    cwd: '/workspace/agent',
    systemPrompt: { type: 'preset', preset: 'claude_code' },
    settingSources: [],
    permissionMode: 'bypassPermissions',
    allowDangerouslySkipPermissions: true,
    stderr: (text) => process.stderr.write(text),
  },
});
for await (const message of running) {
  if (message.type === 'result') process.stdout.write('\n');
}
