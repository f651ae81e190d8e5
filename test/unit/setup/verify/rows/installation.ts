import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import { KEY } from '../prepared.js';
import { config, env, type Row, sql } from './row.js';

export const machine: Record<string, Row> = {
  'the engine does not run': {
    make: (at) => at.engine.stop(),
    id: 'docker-not-running',
    act: (at) => at.engine.start(),
  },
  'the engine runs in a virtual machine': {
    make: (at) => void Object.assign(at.engine.info, { OperatingSystem: 'Docker Desktop' }),
    id: 'engine-mount-unsupported',
    act: (at) => void Object.assign(at.engine.info, { OperatingSystem: 'Debian' }),
  },
  'the image is not there': {
    make: (at) => void at.engine.images.delete(at.image),
    id: 'image-missing',
    act: (at) => at.build(),
  },
  'the image is older than its sources': {
    make: (at) => void at.engine.images.set(at.image, { 'wharfie.runner-hash': 'old' }),
    id: 'image-stale',
    act: (at) => at.build(),
  },
};

export const settings: Record<string, Row> = {
  '.env can be read by others': { make: (at) => at.chmodEnv(0o644), id: 'env-readable' },
  'a number that is none': config('WHARFIE_MAX_CONTAINERS', '0'),
  'a unit where none belongs': config('WHARFIE_IDLE_MINUTES', '15min'),
  'a limit in words': config('WHARFIE_TURN_LIMIT_MINUTES', 'two hours'),
  'a level that is none': config('WHARFIE_LOG_LEVEL', 'verbose'),
  'a time zone that is none': config('TZ', 'Berlin/Mitte'),
  'an address without https': config('WHARFIE_PUBLIC_URL', 'wharfie.example.org'),
  'a port that is none': config('WHARFIE_WEBHOOK_PORT', '99999'),
  'a host name where an IP address belongs': config('WHARFIE_WEBHOOK_HOST', 'localhost'),
  'the socket of the engine as an address': config('WHARFIE_DOCKER_SOCKET', 'unix:///var/run/docker.sock'),
  'a wrong setting in the environment': {
    make: (at) => {
      at.context.env.WHARFIE_LOG_LEVEL = 'loud';
    },
    id: 'config-invalid',
    says: /in the environment/,
    act: (at) => void delete at.context.env.WHARFIE_LOG_LEVEL,
  },
  '.env is a folder': {
    make(at) {
      rmSync(at.paths.envFile);
      mkdirSync(at.paths.envFile);
    },
    id: 'env-unreadable',
    act(at) {
      rmSync(at.paths.envFile, { recursive: true });
      at.writeEnv();
    },
  },
  'a quote without its partner': {
    make(at) {
      at.writeEnv({ NOTE: '"half', OTHER: 'more"' });
    },
    id: 'env-unparsable',
    says: /the value of NOTE/,
    act: env({}),
  },
  'the key is not there': {
    make: env({ ANTHROPIC_API_KEY: undefined }),
    id: 'credential-missing',
    secrets: { ANTHROPIC_API_KEY: KEY },
    after: env({}),
  },
  'the key is in this terminal only': {
    make(at) {
      at.writeEnv({ ANTHROPIC_API_KEY: undefined });
      at.context.env.ANTHROPIC_API_KEY = KEY;
    },
    id: 'credential-not-stored',
    secrets: { ANTHROPIC_API_KEY: KEY },
    after(at) {
      delete at.context.env.ANTHROPIC_API_KEY;
      at.writeEnv();
    },
  },
  'the address of the model with its version': {
    make: (at) => at.writeEnv({ ANTHROPIC_BASE_URL: `${at.model.url}/v1` }),
    id: 'base-url-wrong',
    says: /\/v1/,
  },
  'a key in the quotes of a text program': {
    make: env({ ANTHROPIC_API_KEY: `\u201c${KEY}\u201d` }),
    id: 'credential-malformed',
    says: /a character that no key has/,
    secrets: { ANTHROPIC_API_KEY: KEY },
    after: env({}),
  },
  'a name that stands twice': {
    make(at) {
      at.writeEnv({ NOTE: 'old\nOTHER=kept\nNOTE=new' });
    },
    id: 'env-twice',
    says: /^NOTE stands/,
    after(at) {
      expect(at.readEnv()).toMatch(/OTHER=kept\nNOTE=new\n$/);
      expect(at.readEnv()).not.toContain('old');
      at.writeEnv();
    },
  },
  'a setting that is misspelled': {
    make: env({ WHARFIE_IDLE_MINUTE: '20' }),
    id: 'setting-unknown',
    act: env({}),
  },
  'authorities in a file that is gone': {
    make(at) {
      at.context.env.NODE_EXTRA_CA_CERTS = '/nonexistent/ca.pem';
    },
    id: 'ca-file-unusable',
    says: /ENOENT/,
    act: (at) => void delete at.context.env.NODE_EXTRA_CA_CERTS,
  },
  'a proxy without its protocol': {
    make: env({ HTTPS_PROXY: 'proxy.example:3128', ANTHROPIC_BASE_URL: 'https://model.invalid' }),
    id: 'proxy-refuses',
    says: /must begin with http/,
    act: env({}),
  },
  'a setting that the running host does not have': {
    make: env({ WHARFIE_IDLE_MINUTES: '20' }),
    id: 'setting-not-in-force',
    says: /WHARFIE_IDLE_MINUTES=20/,
    act: (at) => at.restart(),
    async after(at) {
      at.writeEnv();
      await at.restart();
    },
  },
};

export const files: Record<string, Row> = {
  'a database of a newer version': {
    make: sql("INSERT INTO migrations (name, applied_at) VALUES ('999-later', 1)"),
    id: 'database-newer',
    act(at) {
      const db = new Database(at.paths.centralDb);
      db.exec("DELETE FROM migrations WHERE name = '999-later'");
      db.close();
    },
  },
  'a database that another program holds': {
    make(at) {
      const db = new Database(at.paths.centralDb);
      db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
      at.held.push(db);
    },
    id: 'database-locked',
    act: (at) => void at.held.pop()?.close(),
  },
  'no database': {
    make: (at) => at.aside(at.paths.centralDb),
    id: 'database-missing',
    act: (at) => at.back(at.paths.centralDb),
  },
  'a database that is none': {
    make(at) {
      at.aside(at.paths.centralDb);
      writeFileSync(at.paths.centralDb, 'this is no database, by far it is not. '.repeat(20));
    },
    id: 'database-damaged',
    act: (at) => at.back(at.paths.centralDb),
  },
  'a folder in the place of the database': {
    make(at) {
      at.aside(at.paths.centralDb);
      mkdirSync(at.paths.centralDb);
    },
    id: 'database-unusable',
    act: (at) => at.back(at.paths.centralDb),
  },
  'a barrel that cannot be read': {
    make: (at) => at.barrel('import { x } from "y";\n'),
    id: 'barrel-damaged',
    act: (at) => at.barrel(),
  },
  'a channel that is none': {
    make: (at) => at.barrel(`export { discord } from './discord.js';\nexport { irc } from './irc.js';\n`),
    id: 'channel-unknown',
    act: (at) => at.barrel(),
  },
  'a channel whose line is off': {
    make: (at) => at.barrel(`// export { discord } from './discord.js';\n`),
    id: 'channel-not-enabled',
    says: /2 chats/,
    act: (at) => at.barrel(),
  },
  'a host that is older than the checkout': {
    make(at) {
      const file = join(at.root, 'src', 'newer.ts');
      writeFileSync(file, '');
      const later = new Date(Date.now() + 60_000);
      utimesSync(file, later, later);
    },
    id: 'host-older',
    says: /newer\.ts/,
    act: (at) => rmSync(join(at.root, 'src', 'newer.ts')),
  },
  'platforms that call, and no address': {
    make(at) {
      at.barrel(`export { discord } from './discord.js';\nexport { github } from './github.js';\n`);
    },
    id: 'webhook-url-missing',
    act: (at) => at.barrel(),
  },
};
