import type { Clock } from '../../clock.js';
import { assistantNameOf, makeMain } from '../../db/central/agent-groups.js';
import { addAudit } from '../../db/central/audit.js';
import { currentId } from '../../db/central/chat-moves.js';
import { type HeldMessage, holdForRegistration, keepForReplay } from '../../db/central/held-messages.js';
import type { CentralDb } from '../../db/central/index.js';
import { findMessagingGroup } from '../../db/central/messaging-groups.js';
import { deleteWiring, listWiredFolders } from '../../db/central/wirings.js';
import type { AgentGroup, MessagingGroup, Wiring } from '../../db/types.js';
import { shownName } from '../../shown-name.js';
import { otherMain } from '../main-chat.js';
import type { FieldChange } from './changes.js';
import { reconcileAgentGroup, reconcileMessagingGroup, reconcileWiring } from './entities.js';
import { refuseMockOnPlatform } from './mock-rule.js';
import { grantRoles, type RoleGrant } from './people.js';
import { type CheckedRequest, checkRequest, RegistrationError, type RegistrationRequest } from './request.js';

export { getMessagingGroupAgentByPair } from '../../db/central/wirings.js';
export { checkRequest, RegistrationError, type RegistrationRequest } from './request.js';

export interface Registered {
  /** `created`: the wiring is new · `changed`: see `changes` and `roles` · `unchanged`: it was all so before. */
  status: 'created' | 'changed' | 'unchanged';
  agentGroup: AgentGroup;
  messagingGroup: MessagingGroup;
  wiring: Wiring;
  changes: FieldChange[];
  roles: RoleGrant[];
  /** Messages that waited for this and that the host takes in now (`router.replayHeld`), oldest first. */
  held: HeldMessage[];
}

export interface Registration {
  /** Makes or updates agent group, messaging group and wiring in one transaction. Throws a RegistrationError. */
  register(request: RegistrationRequest): Registered;
  /** Removes wirings of a chat and keeps all files. Throws a RegistrationError. */
  unregister(request: { channelType: string; platformId: string; folder?: string; actor?: string }): {
    messagingGroup: MessagingGroup;
    folder: string;
  };
}

export interface RegistrationDeps {
  db: CentralDb;
  clock: Clock;
  /** The catalog's one function for platform ids; throws for an id that the channel cannot have. */
  normalizePlatformId: (channelType: string, raw: string) => string;
  /** The user id at the other end of a direct message where the platform id tells it, else null. */
  counterpartOf?: (channelType: string, platformId: string) => string | null;
  /** Whether the chat is a group, where its id tells; else null. */
  isGroupChat?: (channelType: string, platformId: string) => boolean | null;
  /** What an agent is called unless its registration says otherwise; the default trigger in groups is `@<name>`. */
  assistantName: string;
  /** Makes the agent group's folder. Where that fails nothing is registered. */
  prepareFolder?: (agentGroup: AgentGroup) => void;
}

/** The ONE constructor of agent group + messaging group + wiring; safe to run again at any time. */
export function createRegistration(deps: RegistrationDeps): Registration {
  const register = deps.db.transaction((request: CheckedRequest) => registerNow(deps, request));
  const unregister = deps.db.transaction((request: Parameters<Registration['unregister']>[0]) =>
    unregisterNow(deps, request),
  );
  return {
    register: (request) => register.immediate(checkRequest(request)),
    unregister: (request) => unregister.immediate(request),
  };
}

function registerNow(deps: RegistrationDeps, request: CheckedRequest): Registered {
  const { db } = deps;
  const now = deps.clock.now();
  const { channelType } = request;
  const platformId = currentId(db, channelType, deps.normalizePlatformId(channelType, request.platformId));
  if (request.isMain && request.moveMain === false) refuseOtherMain(db, request.folder);
  const counterpart = deps.counterpartOf?.(request.channelType, platformId) ?? null;
  const agent = reconcileAgentGroup(db, request, deps.assistantName, now);
  const before = findMessagingGroup(db, request.channelType, platformId);
  const wasWired = before !== undefined && listWiredFolders(db, before.id).length > 0;
  const told = deps.isGroupChat?.(request.channelType, platformId) ?? null;
  const facts = { platformId, counterpart, wasWired, isGroup: told ?? false };
  const chat = reconcileMessagingGroup(db, request, facts, now);
  const pair = { agentGroup: agent.value, messagingGroup: chat.value };
  const defaultTrigger = `@${assistantNameOf(agent.value)}`;
  const wiring = reconcileWiring(db, request, { ...pair, defaultTrigger }, now);
  refuseMockOnPlatform(db, pair.agentGroup);
  const changes = [...agent.changes, ...chat.changes, ...wiring.changes];
  if (request.isMain && !agent.value.isAdmin) {
    makeMain(db, agent.value.id);
    changes.push({ field: 'agentGroup.isAdmin', from: false, to: true });
  }
  const roles = grantRoles(db, request, pair, now);
  deps.prepareFolder?.(agent.value);
  const changed = changes.length > 0 || roles.length > 0;
  const status = wiring.created ? 'created' : changed ? 'changed' : 'unchanged';
  if (status !== 'unchanged') {
    addAudit(
      db,
      {
        actor: request.actor,
        action: `registration.${status}`,
        subject: platformId,
        detail: { folder: agent.value.folder, changes, roles },
      },
      now,
    );
  }
  return {
    status,
    agentGroup: { ...agent.value, isAdmin: agent.value.isAdmin || request.isMain === true },
    messagingGroup: chat.value,
    wiring: wiring.value,
    changes,
    roles,
    held: keepForReplay(db, chat.value, request.replay ?? (wasWired ? null : 'none'), now),
  };
}

/** Notices and approvals of one chat never go to another one unsaid. */
function refuseOtherMain(db: CentralDb, folder: string): void {
  const before = otherMain(db, folder);
  if (!before) return;
  throw new RegistrationError(
    'main-elsewhere',
    `Notices and approvals go to ${JSON.stringify(shownName(before.messagingGroup.name))} (${before.agentGroup.folder}) now.`,
    'Leave --is-main out, or add --move-main to have them come here from now on.',
  );
}

function unregisterNow(
  deps: RegistrationDeps,
  request: Parameters<Registration['unregister']>[0],
): ReturnType<Registration['unregister']> {
  const { db } = deps;
  const platformId = deps.normalizePlatformId(request.channelType, request.platformId);
  const messagingGroup = findMessagingGroup(db, request.channelType, platformId);
  const folder = request.folder?.toLowerCase();
  const wired = messagingGroup ? listWiredFolders(db, messagingGroup.id) : [];
  const found = wired.filter((one) => !folder || one.folder.toLowerCase() === folder);
  const [only, second] = found;
  if (!messagingGroup || !only) {
    throw new RegistrationError(
      'not-registered',
      `${platformId} is not wired${request.folder ? ` to ${request.folder}` : ''}.`,
      'See what is: ./wharfie groups --list',
    );
  }
  if (second) {
    const folders = found.map((one) => one.folder).join(', ');
    throw new RegistrationError(
      'folder-needed',
      `${platformId} is wired to several agent groups (${folders}).`,
      'Say which one with --folder.',
    );
  }
  deleteWiring(db, only.wiringId);
  if (wired.length === 1) holdForRegistration(db, messagingGroup);
  const detail = { folder: only.folder };
  const actor = request.actor ?? 'setup';
  addAudit(db, { actor, action: 'registration.removed', subject: platformId, detail }, deps.clock.now());
  return { messagingGroup, folder: only.folder };
}
