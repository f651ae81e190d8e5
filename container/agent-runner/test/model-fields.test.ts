import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { JsonScanner } from '../../../src/egress/json-scanner.ts';
import { BLOCKS, createRequestRules, FIELDS } from '../../../src/egress/request-rules.ts';
import type { Answer } from '../../../test/fakes/messages-api.ts';
import { createWorld, type World } from './world.ts';

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const calls = (name: string, input: Record<string, unknown>, text = ''): Answer => ({
  text,
  tools: [{ name, input }],
});

let world: World | null = null;
afterEach(() => world?.close());

it('the real program sends nothing that the gateway refuses, whatever kind of turn it is', async () => {
  let asked = 0;
  const turns: (Answer | string)[][] = [
    ['Plain.'],
    [{ thinking: 'Hm.', text: 'Thought of.' }, 'More.'],
    [
      calls('Bash', { command: `echo ${PNG} | base64 -d > /tmp/dot.png` }),
      calls('Read', { file_path: '/tmp/dot.png' }),
      'A dot.',
    ],
    [calls('mcp__wharfie__send_message', { text: 'A note.' }), 'Noted.'],
    [
      calls('Agent', { description: 'look', prompt: 'look', subagent_type: 'general-purpose' }),
      'Inner.',
      'All is well.',
    ],
    [calls('TodoWrite', { todos: [] }), calls('Glob', { pattern: '*' }), 'Listed.'],
  ];
  world = await createWorld(({ n }) => {
    const turn = turns[asked];
    return turn?.shift() ?? `answer ${n}`;
  });
  const runner = world.start();
  for (; asked < turns.length; asked += 1) {
    const id = world.session.say(`turn ${asked}`);
    runner.ring();
    const settled = () => ['done', 'failed'].includes(world?.session.ack(id) ?? '');
    await runner.until(settled);
    expect([asked, world.session.ack(id)]).toEqual([asked, 'done']);
  }
  // A conversation that grew too long is summarized.
  world.api.setScript([
    { status: 400, message: 'prompt is too long: 210000 tokens > 200000 maximum' },
    '<summary>what was said</summary>',
    'After it.',
  ]);
  const last = world.session.say('and on');
  runner.ring();
  await runner.until(() => world?.session.ack(last) === 'done');

  const bodies = world.api.seen.filter(({ path }) => path.startsWith('/v1/messages')).map(({ body }) => body);
  expect(bodies.length).toBeGreaterThan(turns.length + 5);
  const fields = new Set<string>();
  const types = new Set<string>();
  for (const body of bodies) {
    const rules = createRequestRules([]);
    const scanner = new JsonScanner({
      key(path, name) {
        rules.key(path, name);
        if (path.length === 0) fields.add(name);
      },
      string(path, read) {
        rules.string(path, read);
        if (path.at(-1) === 'type' && path.at(-2) === '*' && path.at(-3) === 'content') types.add(read());
      },
    });
    scanner.write(Buffer.from(body));
    scanner.end();
  }
  expect([...fields]).toEqual(
    expect.arrayContaining(['model', 'messages', 'system', 'tools', 'max_tokens', 'stream']),
  );
  expect([...types]).toEqual(
    expect.arrayContaining(['text', 'tool_use', 'tool_result', 'image', 'thinking']),
  );
}, 180_000);

/** What the SDK's own declarations of the API say, which follow its documentation. */
const declared = fileURLToPath(
  new URL('../node_modules/@anthropic-ai/sdk/resources/beta/messages/messages.d.ts', import.meta.url),
);

it('knows every field and block of the API that the pinned SDK declares, or leaves it out on purpose', () => {
  expect(existsSync(declared)).toBe(true);
  const text = readFileSync(declared, 'utf8');
  const fieldsOf = (name: string) => {
    const [, body = ''] = new RegExp(`interface ${name} \\{([\\s\\S]*?)\\n\\}`).exec(text) ?? [];
    return [...body.matchAll(/^ {4}([a-z_]+)\??:/gm)].map(([, field = '']) => field);
  };
  const left = [
    'mcp_servers',
    'container',
    'thread',
    'billing_policy',
    'user_profile_id',
    'workspace_id',
    'inference_geo',
    'betas',
  ];
  const fields = fieldsOf('MessageCreateParamsBase');
  expect(fields.length).toBeGreaterThan(15);
  expect(fields.filter((field) => !FIELDS.has(field) && !left.includes(field))).toEqual([]);
  const [, union = ''] = /export type BetaContentBlockParam = ([^;]+);/.exec(text) ?? [];
  const blocks = union.split('|').map((name) => {
    const [, body = ''] = new RegExp(`interface ${name.trim()} \\{([\\s\\S]*?)\\n\\}`).exec(text) ?? [];
    return /^ {4}type: '([a-z_]+)';/m.exec(body)?.[1] ?? name;
  });
  expect(blocks.length).toBeGreaterThan(15);
  expect(blocks.filter((block) => !BLOCKS.has(block))).toEqual([]);
});
