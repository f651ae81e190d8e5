import { isGroupChat, normalizePlatformId } from '../../src/channels/catalog/index.js';
import type { CentralDb } from '../../src/db/central/index.js';
import { findMessagingGroup } from '../../src/db/central/messaging-groups.js';
import { listWiredFolders } from '../../src/db/central/wirings.js';
import type { mainChat } from '../../src/people/main-chat.js';
import { checkRequest, type RegistrationRequest } from '../../src/people/registration/index.js';
import { shownName } from '../../src/shown-name.js';
import type { StepResult } from '../lib/step.js';

/**
 * The question before a group is opened to everybody in it; null where it was answered: by the flag, by an earlier
 * registration, or because a direct chat has one person. Throws a RegistrationError or a CatalogError.
 */
export function whoMaySpeak(db: CentralDb, request: RegistrationRequest): StepResult | null {
  const { channelType, platformId: given, unknownSenders, isGroup } = checkRequest(request);
  const platformId = normalizePlatformId(channelType, given);
  const chat = findMessagingGroup(db, channelType, platformId);
  const group = isGroup ?? chat?.isGroup ?? isGroupChat(channelType, platformId) ?? false;
  const isWired = chat !== undefined && listWiredFolders(db, chat.id).length > 0;
  if (unknownSenders !== undefined || !group || isWired) return null;
  return {
    status: 'needs_input',
    question:
      'Who may speak to the agent in this group? open: everybody who can write there. known: only people with a role ' +
      '(./wharfie members). pair: the same, and whoever sends a pairing code there is let in. Run the step again with ' +
      '--unknown-senders <open|known|pair>.',
    options: ['open', 'known', 'pair'],
    fields: { PLATFORM_ID: platformId },
  };
}

/** The question before `--is-main` takes notices and approvals from another chat. */
export function mainElsewhere(before: NonNullable<ReturnType<typeof mainChat>>, folder: string): StepResult {
  const { agentGroup, messagingGroup } = before;
  const chat = JSON.stringify(shownName(messagingGroup.name));
  return {
    status: 'needs_input',
    question:
      `Notices and approvals go to ${chat} (agent group ${agentGroup.folder}) now. Are they to go to ${folder} from now ` +
      'on? To move them run the step again with --move-main besides --is-main; to leave them there without --is-main.',
    options: ['--is-main --move-main', 'without --is-main'],
    fields: {
      MAIN_BEFORE: agentGroup.folder,
      MAIN_CHAT_BEFORE: messagingGroup.platformId,
    },
  };
}
