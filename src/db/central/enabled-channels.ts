import { perHandle } from '../per-handle.js';
import type { CentralDb } from './index.js';

/** What `channel --enable` did, so that an update of the checkout can do it again. */
export interface EnabledChannel {
  channelType: string;
  package: string;
  version: string;
}

const statements = perHandle((db) => ({
  put: db.prepare<[string, string, string, number]>(
    `INSERT INTO enabled_channels (channel_type, package, version, created_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (channel_type) DO UPDATE SET package = excluded.package, version = excluded.version`,
  ),
  remove: db.prepare<[string]>('DELETE FROM enabled_channels WHERE channel_type = ?'),
  all: db.prepare<[], EnabledChannel>(
    'SELECT channel_type AS channelType, package, version FROM enabled_channels ORDER BY channel_type',
  ),
}));

export function rememberEnabledChannel(db: CentralDb, channel: EnabledChannel, now: number): void {
  statements(db).put.run(channel.channelType, channel.package, channel.version, now);
}

export function forgetEnabledChannel(db: CentralDb, channelType: string): boolean {
  return statements(db).remove.run(channelType).changes > 0;
}

export function listEnabledChannels(db: CentralDb): EnabledChannel[] {
  return statements(db).all.all();
}
