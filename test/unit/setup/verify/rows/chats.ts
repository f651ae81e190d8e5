import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { countDropped } from '../../../../../src/db/central/dropped-messages.js';
import { createMessagingGroup } from '../../../../../src/db/central/messaging-groups.js';
import { DIRECT, FAMILY } from '../prepared.js';
import { type Row, sql } from './row.js';

const ADA = 'discord:1300000000000000001';

export const chats: Record<string, Row> = {
  'a wiring without its chat': {
    make: sql(`PRAGMA foreign_keys = OFF; UPDATE messaging_group_agents SET messaging_group_id = 'gone'
      WHERE messaging_group_id = (SELECT id FROM messaging_groups WHERE platform_id = '${FAMILY}')`),
    id: 'wiring-dangling',
    after: (at) => at.wire('--platform-id', FAMILY, '--name', 'Family', '--folder', 'family'),
  },
  'a wiring without its agent': {
    make: sql(`PRAGMA foreign_keys = OFF; UPDATE messaging_group_agents SET agent_group_id = 'gone'
      WHERE messaging_group_id = (SELECT id FROM messaging_groups WHERE platform_id = '${FAMILY}')`),
    id: 'wiring-dangling',
    after: (at) => at.wire('--platform-id', FAMILY, '--name', 'Family', '--folder', 'family'),
  },
  'rules that are not JSON': {
    make: sql("UPDATE messaging_group_agents SET trigger_rules = '{not json'"),
    id: 'wiring-unusable',
    says: /cannot be read/,
    async after(at) {
      for (const one of (await at.verify('--offline')).filter(({ id }) => id === 'wiring-unusable')) {
        await at.obey(one);
      }
    },
  },
  'rules of another kind': {
    make: sql(`UPDATE messaging_group_agents SET trigger_rules = '{"pattern": 7}' WHERE messaging_group_id =
      (SELECT id FROM messaging_groups WHERE platform_id = '${FAMILY}')`),
    id: 'wiring-unusable',
  },
  'settings of an agent that cannot be read': {
    make: sql(
      `UPDATE agent_groups SET container_config = '{"egress": 5, "model": "x"}' WHERE folder = 'family'`,
    ),
    id: 'agent-group-unusable',
  },
  'settings of the main agent that are not JSON': {
    make: sql("UPDATE agent_groups SET container_config = 'oops' WHERE is_admin = 1"),
    id: 'agent-group-unusable',
  },
  'the folder of an agent is gone': {
    make: (at) => rmSync(join(at.paths.agentFolders, 'family'), { recursive: true }),
    id: 'group-folder-missing',
    says: /data\/groups\/family/,
  },
  'an id that is none of that platform': {
    make: sql(`UPDATE messaging_groups SET platform_id = 'discord:family' WHERE platform_id = '${FAMILY}'`),
    id: 'platform-id-wrong',
    after: (at) => at.wire('--platform-id', FAMILY, '--name', 'Family', '--folder', 'family'),
  },
  'the mock in a chat of a platform': {
    make: sql("UPDATE agent_groups SET agent_provider = 'mock' WHERE folder = 'family'"),
    id: 'mock-on-platform',
    async after(at) {
      at.sql("UPDATE agent_groups SET agent_provider = 'claude' WHERE folder = 'family'");
      await at.wire('--platform-id', FAMILY, '--name', 'Family', '--folder', 'family');
    },
  },
  'an agent that no chat leads to': {
    make: (at) => at.act('unregister', '--platform-id', FAMILY),
    id: 'agent-group-unwired',
    act: (at) => at.wire('--platform-id', FAMILY, '--name', 'Family', '--folder', 'family'),
  },
  'no main agent': {
    make: sql('UPDATE agent_groups SET is_admin = 0'),
    id: 'no-main-group',
  },
  'a main agent without a chat': {
    async make(at) {
      for (const id of [DIRECT, 'cli:local']) await at.act('unregister', '--platform-id', id);
      await at.wire('--platform-id', DIRECT, '--name', 'Ada', '--folder', 'other');
      await at.wire('--channel', 'cli', '--platform-id', 'cli:local', '--name', 'T', '--folder', 'other');
    },
    id: 'main-group-unwired',
    async after(at) {
      for (const id of [DIRECT, 'cli:local'])
        await at.act('unregister', '--platform-id', id, '--folder', 'other');
      await at.wire('--platform-id', DIRECT, '--name', 'Ada', '--folder', 'main', '--is-main');
      await at.wire('--channel', 'cli', '--platform-id', 'cli:local', '--name', 'T', '--folder', 'main');
      at.sql("DELETE FROM agent_groups WHERE folder = 'other'");
    },
  },
  'no owner': {
    make: sql("UPDATE memberships SET role = 'member'"),
    id: 'no-owner',
  },
  'a mount of a folder that is gone': {
    make: sql(`UPDATE agent_groups SET container_config = '{"mounts": [{"path": "/nonexistent/notes"}]}'
      WHERE folder = 'family'`),
    id: 'mount-refused',
    says: /no folder/,
  },
  'a mount that is not allowed': {
    make: sql(`UPDATE agent_groups SET container_config = '{"mounts": [{"path": "/usr/share"}]}'
      WHERE folder = 'family'`),
    id: 'mount-refused',
    says: /allow-list/,
  },
  'an allow-list that is not JSON': {
    make(at) {
      mkdirSync(join(homedir(), '.config', 'wharfie'), { recursive: true });
      writeFileSync(join(homedir(), '.config', 'wharfie', 'mount-allowlist.json'), '{"allow": [');
      at.sql(`UPDATE agent_groups SET container_config = '{"mounts": [{"path": "${at.home}/notes"}]}'
        WHERE folder = 'family'`);
      mkdirSync(join(at.home, 'notes'), { recursive: true });
    },
    id: 'mount-refused',
    says: /not JSON/,
    after: (at) => at.act('group', '--folder', 'family', '--mount', 'none'),
  },
  'a list of domains that anybody can get onto': {
    make: sql(`UPDATE agent_groups SET container_config = '{"egress": ["*.com", "example.org"]}'
      WHERE folder = 'family'`),
    id: 'egress-too-wide',
    after: (at) => at.act('group', '--folder', 'family', '--egress', 'model'),
  },
  'the web for the main agent': {
    make: (at) => at.act('group', '--folder', 'main', '--egress', 'web'),
    id: 'web-on-private-group',
  },
  'strangers beside the main chat': {
    make: (at) =>
      at.wire('--platform-id', FAMILY, '--name', 'F', '--folder', 'main', '--unknown-senders', 'open'),
    id: 'open-chat-on-private-folder',
    async after(at) {
      await at.act('unregister', '--platform-id', FAMILY, '--folder', 'main');
      await at.wire(
        '--platform-id',
        FAMILY,
        '--name',
        'F',
        '--folder',
        'family',
        '--unknown-senders',
        'open',
      );
    },
  },
  'a chat that speaks and that nobody answers': {
    make(at) {
      const db = at.db();
      const now = Date.now();
      createMessagingGroup(db, {
        ...{
          id: 'mg_new',
          channelType: 'discord',
          platformId: 'discord:1100000000000000001:1200000000000000009',
        },
        ...{ name: 'New', isGroup: true, adminUserId: null, unknownSenderPolicy: 'open' },
        ...{ lastPlatformMessageId: null, lastPlatformAt: null, createdAt: now },
      });
      const platformId = 'discord:1100000000000000001:1200000000000000009';
      countDropped(db, { channelType: 'discord', platformId }, 'unwired', now);
    },
    id: 'chat-not-wired',
  },
  'the one person of a chat is blocked': {
    async make(at) {
      const who = ['--admin-user', ADA];
      await at.wire('--platform-id', DIRECT, '--name', 'Ada', '--folder', 'main', ...who);
      await at.act('members', '--block', ADA);
    },
    id: 'chat-hears-nobody',
    says: /is blocked/,
    after: (at) => at.act('members', '--add', ADA, '--role', 'owner'),
  },
  'chats for people with a role, which nobody has': {
    make: sql("UPDATE messaging_groups SET unknown_sender_policy = 'known'; DELETE FROM memberships"),
    id: 'chat-hears-nobody',
    says: /nobody is answered there/,
    async after(at) {
      for (const one of (await at.verify('--offline')).filter(({ id }) => id === 'chat-hears-nobody')) {
        await at.obey(one);
      }
      await at.act('members', '--add', ADA, '--role', 'owner');
    },
  },
  'a trigger with a blank behind it': {
    make: trigger('@Andy '),
    id: 'trigger-unsayable',
    says: /a blank at its end/,
  },
  'a trigger of blanks': { make: trigger('  '), id: 'trigger-unsayable', says: /it is blank/ },
  'a regular expression in the place of a trigger': {
    make: trigger('^@Andy\\\\b'),
    id: 'trigger-unsayable',
    says: /regular expression/,
  },
  'an agent behind another one, without a trigger': {
    make: (at) => at.wire('--platform-id', DIRECT, '--name', 'Ada', '--folder', 'second'),
    id: 'agent-never-called',
    says: /second stands behind main/,
    async after(at) {
      await at.act('unregister', '--platform-id', DIRECT, '--folder', 'second');
      at.sql("DELETE FROM agent_groups WHERE folder = 'second'");
    },
  },
};

function trigger(pattern: string) {
  return sql(`UPDATE messaging_group_agents SET trigger_rules = '{"pattern": "${pattern}"}'
    WHERE messaging_group_id = (SELECT id FROM messaging_groups WHERE platform_id = '${FAMILY}')`);
}
