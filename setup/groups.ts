import { listDropped } from '../src/db/central/dropped-messages.js';
import type { CentralDb } from '../src/db/central/index.js';
import { listMessagingGroups } from '../src/db/central/messaging-groups.js';
import { listWiredFolders } from '../src/db/central/wirings.js';
import type { MessagingGroup } from '../src/db/types.js';
import { registerCommand } from '../src/people/registration/command.js';
import { shownName } from '../src/shown-name.js';
import { discover } from './groups/discover.js';
import type { FlagSpec } from './lib/flags.js';
import { withInstallation } from './lib/installation.js';
import type { Step } from './lib/step.js';
import { exactlyOne, wholeNumber } from './lib/values.js';

const DAY_MS = 86_400_000;

const flags: FlagSpec[] = [
  { name: 'list', kind: 'switch', help: 'the chats that were seen, newest first, wired or not' },
  { name: 'limit', kind: 'value', hint: '<number>', help: 'how many of them (default 50)' },
  {
    name: 'discover',
    kind: 'value',
    hint: '<type>',
    help: 'listen to this channel and name each chat that speaks',
  },
  { name: 'wait', kind: 'value', hint: '<seconds>', help: 'how long to listen (default 60)' },
];

export const groups: Step = {
  name: 'groups',
  class: 'reads',
  summary: 'the chats that can be registered, each with the command that does it',
  flags,
  async run(values, context) {
    const action = exactlyOne(values, ['list', 'discover']);
    const limit = wholeNumber(values, 'limit', 1) ?? 50;
    const seconds = wholeNumber(values, 'wait', 1) ?? 60;
    return withInstallation(context, ({ db, config }) => {
      if (action === 'discover')
        return discover(context, db, config.paths.data, values.need('discover'), seconds);
      const all = listMessagingGroups(db);
      const dropped = droppedByChat(db, context.clock.now() - DAY_MS);
      const fields = { COUNT: all.length, WIRED: all.filter((chat) => chat.wired).length };
      const shown = all.slice(0, limit).map((chat) => describe(db, chat, dropped));
      return { status: 'success', fields: { ...fields, SHOWN: shown.length, CHATS: shown } };
    });
  },
};

function describe(db: CentralDb, chat: MessagingGroup & { wired: boolean }, dropped: Map<string, number>) {
  const { channelType, platformId, name, isGroup } = chat;
  return {
    platformId,
    channel: channelType,
    name: shownName(name),
    isGroup,
    folders: listWiredFolders(db, chat.id).map((one) => one.folder),
    droppedToday: dropped.get(platformId) ?? 0,
    ...(!chat.wired && { register: registerCommand(db, chat) }),
  };
}

/** Messages of the last day that no agent took, by chat. */
function droppedByChat(db: CentralDb, since: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { platformId, reason, count } of listDropped(db, since)) {
    if (reason === 'unwired') counts.set(platformId, (counts.get(platformId) ?? 0) + count);
  }
  return counts;
}
