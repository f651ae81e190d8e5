import type { JsonVisitor } from './json-scanner.js';
import { Refusal } from './refusal.js';
import * as list from './request-list.js';

/** Levels of a request that are read; what claude sends has a dozen. */
const MAX_READ = 64;

type Names = ReadonlySet<string>;

/** One place of a request: which fields may stand there, what stands below them, and of which types it may be. */
interface Place {
  fields: Names;
  /** Do fields that nobody knows pass? */
  lenient: boolean;
  below(name: string): Place | 'data';
  checkType(type: string): void;
}

export interface RequestRules {
  /**
   * What the operator allows although the API reaches out for it, as the tool's type with or without its date
   * (`web_search`, `web_search_20250305`).
   */
  serverTools: readonly string[];
  /** Every way out that the API documents is open: the agent has the network anyhow. */
  outward: boolean;
}

/**
 * Reads a model request and throws a Refusal at the first thing that is not on the list. 403: it is known, and a way
 * around the egress policy, for the API would fetch or send something, or give out what others stored. 400: nobody here
 * knows it, so nobody knows what it opens. Every occurrence of a name counts, so that it does not matter which of two
 * a reader takes.
 */
export function createRequestRules({ serverTools, outward }: RequestRules): JsonVisitor {
  const tools = new Set([...list.TOOLS, ...serverTools, ...(outward ? list.OUTWARD_TOOLS : [])]);
  const mayUse = (type: string) => tools.has(type) || tools.has(list.withoutDate(type));
  const open = (known: Names, more: Names) => (outward ? new Set([...known, ...more]) : known);

  const sources = open(list.SOURCES, list.OUTWARD_SOURCES);
  const changes = open(list.CHANGES, list.OUTWARD_CHANGES);

  const checkTool = (type: string) => {
    if (!mayUse(type)) throw notAllowed('egress-server-tool', `The server tool ${shown(type)}`);
  };
  /** What is refused of a block whatever else is known of it. */
  const checkStray = (type: string) => {
    // Tools can be declared in the middle of a conversation too; wherever they are, theirs are the types with a date.
    if (list.isDated(type)) return checkTool(type);
    if (outward || !list.OUTWARD_BLOCKS.has(type)) return;
    if (type !== 'container_upload') throw notAllowed('egress-block', `A block of type ${shown(type)}`);
    if (!mayUse('code_execution')) throw notAllowed('egress-source', 'A stored file');
  };
  const checkBlock = (type: string) => {
    checkStray(type);
    if (!list.BLOCKS.has(type) && !list.OUTWARD_BLOCKS.has(type)) throw unknown('a block of type', type);
  };
  const checkSource = (type: string) => {
    if (!sources.has(type)) throw notAllowed('egress-source', `A source of type ${shown(type)}`);
  };
  const checkChange = (type: string) => {
    if (changes.has(type)) return;
    if (list.OUTWARD_CHANGES.has(type)) throw notAllowed('egress-server-tool', shown(type));
    throw unknown('a change of tools of type', type);
  };

  const place = (
    fields: Names,
    below: Place['below'],
    checkType: Place['checkType'],
    lenient = false,
  ): Place => ({
    ...{ fields, below, checkType, lenient },
  });
  const none: Names = new Set();
  const noType = () => {};
  const scalar: Place = place(none, () => scalar, noType);
  const inside = (known: Readonly<Record<string, Place>>) => (name: string) =>
    Object.hasOwn(known, name) ? (known[name] ?? scalar) : list.DATA.has(name) ? 'data' : scalar;

  const tool = place(list.TOOL_FIELDS, inside({}), checkTool);
  const change = place(list.CHANGE_FIELDS, inside({ definition: tool }), checkChange);
  const source: Place = place(
    open(list.SOURCE_FIELDS, list.OUTWARD_SOURCE_FIELDS),
    (name) => (name === 'content' ? block : scalar),
    checkSource,
  );
  const ofBlock = (name: string): Place | 'data' => {
    if (name === 'source') return source;
    if (name === 'tool') return change;
    if (name === 'definition') return tool;
    if (name === 'tool_changes') return block;
    if (name === 'content' || name === 'tool_references') return inner;
    if (!list.BLOCK_FIELDS.has(name)) return stray;
    return list.DATA.has(name) ? 'data' : scalar;
  };
  const block: Place = place(list.BLOCK_FIELDS, ofBlock, checkBlock, true);
  /** What tools and searches brought: there an address is one that was found. */
  const inner: Place = place(list.BLOCK_FIELDS, ofBlock, checkBlock, true);
  const stray: Place = place(list.BLOCK_FIELDS, ofBlock, checkStray, true);
  const message = place(list.MESSAGE_FIELDS, inside({ content: block }), noType);
  const root = place(
    open(list.FIELDS, list.OUTWARD_FIELDS),
    (name) => {
      if (outward && list.OUTWARD_FIELDS.has(name)) return 'data';
      return inside({ messages: message, system: block, tools: tool })(name);
    },
    noType,
  );

  /** Where a path leads; a list is where its elements are. */
  const at = (path: readonly string[]): Place | 'data' => {
    let here: Place | 'data' = root;
    for (const [level, name] of path.entries()) {
      if (name === '*') continue;
      if (level >= MAX_READ) throw new Refusal(400, 'egress-unknown', 'The request is nested too deeply.');
      here = here.below(name);
      if (here === 'data') return here;
    }
    return here;
  };

  const isAddress = (here: Place, name: string) => {
    if (outward || !list.OUTWARD_SOURCE_FIELDS.has(name)) return false;
    return here === source || (here === block && !(name === 'file_id' && mayUse('code_execution')));
  };

  return {
    key(path, name) {
      const here = at(path);
      if (here === 'data' || here.fields.has(name)) return;
      if (here === root && (list.OUTWARD_FIELDS.has(name) || list.LEFT_OUT.has(name))) {
        throw notAllowed('egress-field', shown(name));
      }
      if (isAddress(here, name)) throw notAllowed('egress-source', `A source with ${shown(name)}`);
      if (!here.lenient || isNearlyKnown(name)) throw unknown('the field', [...path, name].join('.'));
    },
    string(path, read) {
      const last = path.findLastIndex((name) => name !== '*');
      if (path[last] !== 'type') return;
      const here = at(path.slice(0, last));
      if (here !== 'data') here.checkType(read());
    },
  };
}

/** What may stand in an error and in `audit` of a name that somebody else chose. */
const shown = (name: string) => JSON.stringify(name.replace(/[^\x20-\x7e]/g, '?').slice(0, 60));

const notAllowed = (reason: string, what: string) =>
  new Refusal(403, reason, `${what} may not be used by this agent group's egress policy.`, { what });

function unknown(kind: string, name: string): Refusal {
  const what = `${kind} ${shown(name)}`;
  const message = `This version does not know ${what}, so it does not pass it on.`;
  return new Refusal(400, 'egress-unknown', message, { what });
}

/** Letters and digits alone, as readers might see them that are less exact than ours. */
const plain = (name: string) =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');

const EXACT = [
  ...[list.BLOCK_FIELDS, list.SOURCE_FIELDS, list.OUTWARD_SOURCE_FIELDS, list.CHANGE_FIELDS],
  ...[list.TOOL_FIELDS, list.FIELDS, list.OUTWARD_FIELDS],
].flatMap((names) => [...names]);
const exact: Names = new Set(EXACT);
const exactPlain: Names = new Set(EXACT.map(plain));

/** `Type`, `mediaType`, `sou\u017fce`: a name that another reader may take for a known one. */
const isNearlyKnown = (name: string) => !exact.has(name) && exactPlain.has(plain(name));
