import { chmodSync, rmSync } from 'node:fs';
import path from 'node:path';
import { eventually } from '../system/eventually.js';
import { tokenOf } from '../unit/setup/verify/fixes.js';
import { OWNER, type World } from './world.js';

/** A misconfiguration of an installation whose host runs. */
export interface HostRow {
  make(at: World): unknown;
  /** What must be named. */
  id: string;
  /** What a person does where the fix is no command; else the fix itself is run. */
  act?(at: World): unknown;
  /** Beside what the row is about: what the fix leaves to do. */
  after?(at: World): unknown;
  /** The host is started anew: that is what the row is about. */
  restarts?: true;
}

const CHAT = (at: World) =>
  `(SELECT id FROM messaging_groups WHERE platform_id = '${at.general.platformId}')`;
const rules = (text: string) => (at: World) =>
  at.sql(
    `UPDATE messaging_group_agents SET trigger_rules = '${text}' WHERE messaging_group_id = ${CHAT(at)}`,
  );
const env = (change: Record<string, string | undefined>) => (at: World) => at.writeEnv(change);
const healthyEnv = (at: World) => at.writeEnv();

export const rows: Record<string, HostRow> = {
  '.env can be read by others': { make: (at) => chmodSync(at.paths.envFile, 0o644), id: 'env-readable' },
  'a name that stands twice in .env': {
    make: (at) => at.append('NOTE=old\nNOTE=new\n'),
    id: 'env-twice',
    after: healthyEnv,
  },
  'a setting that is misspelled': {
    make: env({ WHARFIE_IDLE_MINUTE: '20' }),
    id: 'setting-unknown',
    act: healthyEnv,
  },
  'a setting that no host starts with': {
    make: env({ WHARFIE_IDLE_MINUTES: '15min' }),
    id: 'config-invalid',
    after: healthyEnv,
  },
  'a setting that the running host does not have': {
    make: env({ WHARFIE_IDLE_MINUTES: '20' }),
    id: 'setting-not-in-force',
    async after(at) {
      at.writeEnv();
      await at.restart();
    },
    restarts: true,
  },
  'no key for the model': {
    make: env({ ANTHROPIC_API_KEY: undefined }),
    id: 'credential-missing',
    act: healthyEnv,
  },
  'no token for the platform': {
    make: env({ DISCORD_BOT_TOKEN: undefined }),
    id: 'channel-credential-missing',
    act: healthyEnv,
  },
  'a token that was revoked': {
    async make(at) {
      at.fake.token = tokenOf('second');
      await at.act('service');
      await eventually(async () => (await at.verify()).some(({ id }) => id === 'channel-not-connected'));
    },
    id: 'channel-not-connected',
    async act(at) {
      at.writeEnv({ DISCORD_BOT_TOKEN: at.fake.token });
      await at.restart();
    },
    async after(at) {
      at.fake.token = tokenOf('first');
      at.writeEnv();
      await at.restart();
    },
    restarts: true,
  },
  'a host that was killed': { make: (at) => at.killHost(), id: 'host-not-running', restarts: true },
  'an engine that does not run': {
    make: (at) => at.engine.stop(),
    id: 'docker-not-running',
    act: (at) => at.engine.start(),
  },
  'an image older than its sources': {
    make: (at) => void at.engine.images.set(at.image, { 'wharfie.runner-hash': 'old' }),
    id: 'image-stale',
    act: (at) => at.build(),
  },
  'a wiring without its chat': {
    make: (at) =>
      at.sql(`PRAGMA foreign_keys = OFF; UPDATE messaging_group_agents SET messaging_group_id = 'gone'
        WHERE messaging_group_id = ${CHAT(at)}`),
    id: 'wiring-dangling',
    after: (at) => at.wireGeneral(),
  },
  'rules that are not JSON': { make: rules('{not json'), id: 'wiring-unusable' },
  'settings of an agent that cannot be read': {
    make: (at) =>
      at.sql(`UPDATE agent_groups SET container_config = json_set(container_config, '$.egress', 5)
        WHERE folder = 'general'`),
    id: 'agent-group-unusable',
  },
  'the folder of an agent is gone': {
    make: (at) => rmSync(path.join(at.paths.agentFolders, 'general'), { recursive: true }),
    id: 'group-folder-missing',
  },
  'an id that is none of that platform': {
    make: (at) =>
      at.sql(
        `UPDATE messaging_groups SET platform_id = 'discord:general' WHERE platform_id = '${at.general.platformId}'`,
      ),
    id: 'platform-id-wrong',
    after: (at) => at.wireGeneral(),
  },
  'a trigger that nobody says': { make: rules('{"pattern": "@Andy "}'), id: 'trigger-unsayable' },
  'a chat in which nobody is heard': {
    make: (at) =>
      at.sql(`UPDATE messaging_groups SET unknown_sender_policy = 'known' WHERE id = ${CHAT(at)};
        UPDATE memberships SET role = 'admin',
          agent_group_id = (SELECT id FROM agent_groups WHERE folder = 'chat-1')`),
    id: 'chat-hears-nobody',
    async after(at) {
      at.sql('DELETE FROM memberships');
      await at.act('members', '--add', OWNER, '--role', 'owner');
    },
  },
  'messages that could not be read': {
    async make(at) {
      at.fake.say(at.fake.world.general, 'live', { garbled: true });
      await eventually(async () => (await at.verify()).some(({ id }) => id === 'messages-set-aside'));
    },
    id: 'messages-set-aside',
    async act(at) {
      const listed = await at.act('messages', '--set-aside');
      for (const [id] of JSON.stringify(listed.MESSAGES).matchAll(/aside_[0-9a-f]{20}/g)) {
        await at.act('messages', '--discard', id);
      }
    },
  },
};
