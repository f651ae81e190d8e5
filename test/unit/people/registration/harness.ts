import { onTestFinished } from 'vitest';
import { listAudit } from '../../../../src/db/central/audit.js';
import { openCentralDb } from '../../../../src/db/central/index.js';
import {
  createRegistration,
  type RegistrationDeps,
  type RegistrationRequest,
} from '../../../../src/people/registration/index.js';
import { createFakeClock } from '../../../fakes/clock.js';

export function createHarness(overrides: Partial<RegistrationDeps> = {}) {
  const db = openCentralDb(':memory:');
  onTestFinished(() => void db.close());
  const clock = createFakeClock();
  const registration = createRegistration({
    db,
    clock,
    normalizePlatformId: (channel, raw) => (raw.startsWith(`${channel}:`) ? raw : `${channel}:${raw}`),
    assistantName: 'Andy',
    ...overrides,
  });
  const register = (request: Partial<RegistrationRequest> = {}) =>
    registration.register({
      channelType: 'telegram',
      platformId: 'telegram:-1',
      name: 'Family',
      folder: 'family',
      isGroup: true,
      ...request,
    });
  return {
    db,
    clock,
    registration,
    register,
    group: (request: Partial<RegistrationRequest> = {}) => register(request),
    direct: (request: Partial<RegistrationRequest> = {}) =>
      register({ platformId: 'telegram:77', name: 'Ada', folder: 'ada', isGroup: false, ...request }),
    audit: () => listAudit(db, 100).map((entry) => `${entry.action} ${entry.subject}`),
    count: (table: string) => db.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get(),
    roles: () =>
      db
        .prepare<[], string>(
          `SELECT user_id || ' ' || role || ' ' || ifnull(agent_group_id, 'all') FROM memberships ORDER BY rowid`,
        )
        .pluck()
        .all(),
  };
}
