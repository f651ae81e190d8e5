import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { betasOf } from '../../../src/egress/headers.ts';
import { JsonScanner } from '../../../src/egress/json-scanner.ts';
import * as list from '../../../src/egress/request-list.ts';
import { createRequestRules } from '../../../src/egress/request-rules.ts';
import type { ModelCall, Reply, SeenRequest } from '../../../test/fakes/messages-api.ts';
import { createWorld, type World } from './world.ts';

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';
const PDF = `%PDF-1.1
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj
trailer<</Root 1 0 R>>
%%EOF`;

const isModelCall = ({ path }: SeenRequest) => path.startsWith('/v1/messages');
/** Throws what the host would answer under the policy `model`. */
function pass({ body }: SeenRequest): void {
  const scanner = new JsonScanner(createRequestRules({ serverTools: [], outward: false }));
  scanner.write(Buffer.from(body));
  scanner.end();
}

/** Every field and type that stands where the API reads, as `messages.content.type=image`. */
function partsOf(value: unknown, path = '', found = new Set<string>()): Set<string> {
  if (Array.isArray(value)) for (const one of value) partsOf(one, path, found);
  else if (typeof value === 'object' && value !== null && !/\.(input|input_schema)$/.test(path)) {
    for (const [name, inner] of Object.entries(value)) {
      const below = path === '' ? name : `${path}.${name}`;
      found.add(name === 'type' ? `${below}=${String(inner)}` : below);
      partsOf(inner, below, found);
    }
  }
  return found;
}
const sent = (world: World) => world.api.seen.filter(isModelCall);
const partsSent = (world: World) => sent(world).flatMap(({ body }) => [...partsOf(JSON.parse(body))]);

describe('what the real program sends is on the list', () => {
  let world: World;
  afterEach(() => world.close());

  const converse = async (words: string[]) => {
    const runner = world.start();
    for (const text of words) {
      const id = world.session.say(text);
      runner.ring();
      await runner.until(() => world.session.ack(id) === 'done');
    }
  };
  const expectAllowed = () => {
    for (const request of sent(world)) {
      expect(() => pass(request)).not.toThrow();
      expect(betasOf(request.headers).unknown).toEqual([]);
      expect(betasOf(request.headers).known.length).toBeGreaterThan(0);
    }
  };

  it('thoughts, tools of its own and of MCP, pictures, documents, errors of tools, a subagent', async () => {
    const file = (name: string) => world.session.path(`agent/${name}`);
    const replies: ((call: ModelCall) => Reply)[] = [
      () => ({
        thinking: 'hm',
        text: 'I look at both.',
        tools: [
          { name: 'Read', input: { file_path: file('a.png') } },
          { name: 'Read', input: { file_path: file('a.pdf') } },
          { name: 'Bash', input: { command: 'false' } },
        ],
      }),
      () => ({ tools: [{ name: 'mcp__wharfie__send_message', input: { text: 'on my way' } }] }),
      () => ({
        tools: [
          {
            name: 'Agent',
            input: { description: 'x', prompt: 'subtask-4711', subagent_type: 'general-purpose' },
          },
        ],
      }),
      () => 'done',
    ];
    let subagents = 0;
    world = await createWorld((call) => {
      if (call.messages[0]?.text.includes('subtask-4711')) {
        subagents += 1;
        return 'the subagent is done';
      }
      return replies.shift()?.(call) ?? 'again';
    });
    writeFileSync(file('a.png'), Buffer.from(PNG, 'base64'));
    writeFileSync(file('a.pdf'), PDF);
    await converse(['go', 'and again']);
    expect(subagents).toBe(1);
    expect(partsSent(world)).toEqual(
      expect.arrayContaining([
        'messages.content.type=thinking',
        'messages.content.type=tool_use',
        'messages.content.content.type=image',
        'messages.content.content.type=document',
        'messages.content.is_error',
        'system.type=text',
        'tools.input_schema',
        'thinking.type=adaptive',
      ]),
    );
    expectAllowed();
  });

  it('a conversation that is compacted', async () => {
    let full = true;
    world = await createWorld(({ n }) => {
      const text = full ? { text: `answer ${n}`, inputTokens: 990_000 } : `answer ${n}`;
      full = false;
      return text;
    });
    await converse(['one', 'two']);
    const compaction = world.api.calls.find(({ lastUser }) => /summary of the conversation/i.test(lastUser));
    expect(compaction).toBeDefined();
    expectAllowed();
  });

  it('a conversation that the API finds too long', async () => {
    const replies: Reply[] = [
      'first',
      { status: 400, message: 'prompt is too long: 210000 tokens > 200000 maximum' },
      '<summary>what was said</summary>',
    ];
    world = await createWorld(() => replies.shift() ?? 'after it');
    await converse(['one', 'two']);
    expect(replies).toEqual([]);
    expectAllowed();
  });

  it('what is refused as unknown ends the turn with a sentence: waiting would not help', async () => {
    const message = '[wharfie] egress-unknown: This version does not know the field "teleport".';
    world = await createWorld(() => ({ status: 400, type: 'invalid_request_error', message }));
    const id = world.session.say('go');
    const runner = world.start();
    await runner.until(() => world.session.ack(id) === 'failed');
    expect(runner.log()).toContain('egress-unknown');
    expect(world.session.texts()).toHaveLength(1);
  });

  it('a search by the model is on no list: refused by name, and the agent is told', async () => {
    world = await createWorld(({ n, tools }) => {
      if (n === 0) return { tools: [{ name: 'WebSearch', input: { query: 'cats' } }] };
      const message = '[wharfie] egress-server-tool: The server tool "web_search_20250305" may not be used.';
      return tools.includes('web_search') ? { status: 403, message } : 'as you see';
    });
    await converse(['search']);
    const [search] = sent(world).filter(({ body }) => body.includes('"web_search_2'));
    expect(() => search && pass(search)).toThrow('The server tool "web_search_');
    expect(world.api.calls.at(-1)?.toolResults[0]?.text).toContain('egress-server-tool');
  });
});

/** The API's types, as its makers generate them from what they document. */
const types = readFileSync(
  new URL('../node_modules/@anthropic-ai/sdk/resources/beta/messages/messages.d.ts', import.meta.url),
  'utf8',
).replace(/\/\*\*.*?\*\//gs, '');
const bodyOf = (name: string) =>
  new RegExp(`^export interface ${name} (?:extends [\\w.]+ )?\\{(.*?)^\\}`, 'ms').exec(types)?.[1] ?? '';
const fieldsOf = (name: string) =>
  [...bodyOf(name).matchAll(/^ {4}(\w+)\??:/gm)].map(([, field = '']) => field);
const membersOf = (union: string) =>
  new RegExp(`^export type ${union} = (.*?);$`, 'm').exec(types)?.[1]?.split(' | ') ?? [];
const typesOf = (name: string) =>
  [...(/^ {4}type\??: (.*);$/m.exec(bodyOf(name))?.[1] ?? '').matchAll(/'([^']+)'/g)].map(
    ([, type = '']) => type,
  );
/** Given to the SDK with the rest and sent as headers, which do not pass. */
const HEADERS = ['betas', 'user_profile_id', 'workspace_id'];

const left = (names: readonly string[], ...lists: ReadonlySet<string>[]) => {
  expect(names.length).toBeGreaterThan(3);
  return names.filter((name) => !lists.some((known) => known.has(name)));
};

describe('what the API documents is on one list or the other', () => {
  it('fields', () => {
    const fields = ['MessageCreateParamsBase', 'MessageCountTokensParams'].flatMap(fieldsOf);
    expect(left(fields, list.FIELDS, list.OUTWARD_FIELDS, list.LEFT_OUT, new Set(HEADERS))).toEqual([]);
  });

  it('blocks, and their fields', () => {
    const blocks = membersOf('BetaContentBlockParam');
    expect(left(blocks.flatMap(typesOf), list.BLOCKS, list.OUTWARD_BLOCKS)).toEqual([]);
    const ofOutward = new Set(['file_id', 'server_name', 'mcp_server_name', 'tools']);
    expect(left(blocks.flatMap(fieldsOf), list.BLOCK_FIELDS, ofOutward)).toEqual([]);
    const messages = membersOf('BetaMessageParam').flatMap(fieldsOf);
    expect(left(messages, list.MESSAGE_FIELDS)).toEqual([]);
  });

  it('blocks inside results', () => {
    // Citations are data to us: what they name is not fetched.
    const inner = [
      ...types.matchAll(/^export interface (Beta(?!Citation)\w+(?:Result|Output)\w*Param) /gm),
    ].map(([, name = '']) => name);
    expect(left(inner.flatMap(typesOf), list.BLOCKS, list.OUTWARD_BLOCKS)).toEqual([]);
  });

  it('sources', () => {
    const sources = ['BetaImageBlockParam', 'BetaRequestDocumentBlock'].flatMap((block) =>
      (/^ {4}source: (.*);$/m.exec(bodyOf(block))?.[1] ?? '').split(' | '),
    );
    expect(left(sources.flatMap(typesOf), list.SOURCES, list.OUTWARD_SOURCES)).toEqual([]);
    const fields = sources.flatMap(fieldsOf);
    expect(left(fields, list.SOURCE_FIELDS, list.OUTWARD_SOURCE_FIELDS)).toEqual([]);
  });

  it('tools, and changes of them', () => {
    const tools = membersOf('BetaToolUnion');
    const named = tools.flatMap(typesOf).map(list.withoutDate);
    expect(left(named, list.TOOLS, list.OUTWARD_TOOLS)).toEqual([]);
    expect(left(tools.flatMap(fieldsOf), list.TOOL_FIELDS, new Set(['tools']))).toEqual([]);
    const changes = (/^ {4}tool: (.*);$/m.exec(bodyOf('BetaRequestToolAdditionBlock'))?.[1] ?? '').split(
      ' | ',
    );
    expect(left(changes.flatMap(typesOf), list.CHANGES, list.OUTWARD_CHANGES)).toEqual([]);
    expect(left(changes.flatMap(fieldsOf), list.CHANGE_FIELDS)).toEqual([]);
  });
});
