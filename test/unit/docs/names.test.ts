import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { steps } from '../../../setup/steps.js';
import { openCentralDb } from '../../../src/db/central/index.js';
import { getMessagingGroupAgentByPair } from '../../../src/db/central/wirings.js';
import { INBOUND_SCHEMA, OUTBOUND_SCHEMA } from '../../../src/db/schema.js';
import { handleSystemAction } from '../../../src/delivery.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

/** Names that people, skills and notes of the first version rely on. They stay. */
describe('fixed names', () => {
  it.each([
    'CLAUDE.md',
    'package.json',
    'tsconfig.json',
    'scripts',
    'data',
    'src/index.ts',
    'src/router.ts',
    'src/session-manager.ts',
    'src/delivery.ts',
    'src/host-sweep.ts',
    'src/container-runner.ts',
    'src/channels/index.ts',
    'src/db/schema.ts',
    'setup/index.ts',
    'setup/register.ts',
    'setup/verify.ts',
    'setup/groups.ts',
    'container/Dockerfile',
    'container/agent-runner/tsconfig.json',
    'container/agent-runner/src/poll-loop.ts',
    'container/agent-runner/src/db/connection.ts',
    'container/agent-runner/src/db/messages-in.ts',
    'container/agent-runner/src/db/messages-out.ts',
    'container/agent-runner/src/mcp-tools/core.ts',
    'container/agent-runner/src/mcp-tools/scheduling.ts',
    'container/agent-runner/src/mcp-tools/interactive.ts',
    '.claude/skills/setup/SKILL.md',
    '.claude/skills/register-groups/SKILL.md',
    ...['discord', 'telegram', 'slack', 'linear', 'github', 'gchat', 'teams', 'whatsapp-cloud', 'resend'].map(
      (channel) => `.claude/skills/add-${channel}-v2/SKILL.md`,
    ),
  ])('%s is there', (file) => {
    expect(existsSync(path.join(root, file))).toBe(true);
  });

  it('functions and schemas have their names, where they are looked for', () => {
    expect([typeof handleSystemAction, typeof getMessagingGroupAgentByPair]).toEqual([
      'function',
      'function',
    ]);
    expect(read('src/router.ts')).toContain('routeInbound(event');
    expect(read('src/router/unwired.ts')).toContain('MESSAGE DROPPED');
    const calls = ['ensureAgent(', 'applyContainerConfig('].map((call) =>
      read('src/container-runner/launch.ts').indexOf(call),
    );
    expect(calls[0]).toBeGreaterThan(0);
    expect(calls[1]).toBeGreaterThan(calls[0] ?? 0);
    for (const table of ['messages_in', 'delivered'])
      expect(INBOUND_SCHEMA).toContain(`CREATE TABLE ${table} `);
    for (const table of ['messages_out', 'processing_ack'])
      expect(OUTBOUND_SCHEMA).toContain(`CREATE TABLE ${table} `);
  });

  it('the central tables have their columns', () => {
    const db = openCentralDb(':memory:');
    const columns = (table: string) =>
      db.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table);
    const wanted = {
      agent_groups: ['id', 'name', 'folder', 'is_admin', 'agent_provider', 'container_config'],
      messaging_groups: ['id', 'channel_type', 'platform_id', 'name', 'is_group', 'admin_user_id'],
      messaging_group_agents: [
        'messaging_group_id',
        'agent_group_id',
        'trigger_rules',
        'session_mode',
        'priority',
      ],
    };
    for (const [table, names] of Object.entries(wanted))
      expect(columns(table)).toEqual(expect.arrayContaining(names));
    db.close();
  });

  it('steps and flags have their names', async () => {
    const flags = async (name: string) => ((await steps.get(name)?.())?.flags ?? []).map((flag) => flag.name);
    expect(await flags('register')).toEqual(
      expect.arrayContaining([
        'platform-id',
        'jid',
        'name',
        'folder',
        'trigger',
        'channel',
        'no-trigger-required',
        'is-main',
        'assistant-name',
        'session-mode',
      ]),
    );
    const named = [
      'environment',
      'timezone',
      'container',
      'credentials',
      'channel',
      'groups',
      'register',
      'unregister',
    ];
    const more = [
      'pair',
      'members',
      'group',
      'mounts',
      'deliveries',
      'service',
      'status',
      'verify',
      'backup',
      'update',
    ];
    expect([...steps.keys()]).toEqual(expect.arrayContaining([...named, ...more]));
  });

  it('packages are the ones that were asked for', () => {
    const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(read('package.json'));
    const wanted = ['tsx', 'better-sqlite3', 'minimist', 'dotenv', 'dockerode', '@onecli-sh/sdk'];
    expect(Object.keys(dependencies)).toEqual(expect.arrayContaining(wanted));
  });
});
