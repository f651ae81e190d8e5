import { channelOf, counterpartOf } from '../../src/channels/catalog/index.js';
import type { CentralDb } from '../../src/db/central/index.js';
import { listMessagingGroups } from '../../src/db/central/messaging-groups.js';
import { listMemberships, type Membership, roleIn } from '../../src/db/central/users.js';
import { listWiredAgents, listWiredFolders, type WiredAgent } from '../../src/db/central/wirings.js';
import type { AgentGroup, MessagingGroup } from '../../src/db/types.js';
import { quoted, registerAgainCommand } from '../../src/people/registration/command.js';
import type { Finding } from './types.js';

interface Person {
  id: string;
  memberships: readonly Membership[];
}

/** Chats that are wired, and in which nobody is heard: whoever could be is blocked, or has no role. */
export function judgeHearers(db: CentralDb, only: string | undefined): Finding[] {
  const memberships = listMemberships(db);
  const personOf = (id: string) => ({ id, memberships: memberships.filter((one) => one.userId === id) });
  const people = [...new Set(memberships.map((one) => one.userId))].map(personOf);
  return listMessagingGroups(db)
    .filter((chat) => chat.wired && chat.channelType !== 'cli')
    .filter((chat) => only === undefined || chat.channelType === only)
    .flatMap((chat): Finding[] => {
      const agents = listWiredAgents(db, chat.id).usable;
      const [first] = agents;
      if (!first) return [];
      const at = chat.isGroup ? null : (chat.adminUserId ?? counterpartOf(chat.channelType, chat.platformId));
      if (at !== null) {
        const person = personOf(at);
        return isHeard(chat, agents, person) ? [] : [unheard(chat, first.agentGroup, person)];
      }
      // Strangers are heard there, and nobody knows them all.
      if (chat.unknownSenderPolicy === 'open') return [];
      const here = people.filter(({ id }) => channelOf(id) === chat.channelType);
      return here.some((person) => isHeard(chat, agents, person)) ? [] : [nobody(db, chat, first.agentGroup)];
    });
}

/** As the router decides it (src/router/people.ts). */
function isHeard(chat: MessagingGroup, agents: readonly WiredAgent[], { memberships }: Person): boolean {
  return agents.some(({ agentGroup }) => {
    const role = roleIn(memberships, agentGroup.id);
    return role === null ? chat.unknownSenderPolicy === 'open' : role !== 'blocked';
  });
}

function unheard(chat: MessagingGroup, { id, folder }: AgentGroup, person: Person): Finding {
  const blocked = person.memberships.filter((one) => one.role === 'blocked');
  const everywhere = blocked.some((one) => one.agentGroupId === null);
  const here = blocked.some((one) => one.agentGroupId === id);
  const why = everywhere || here ? 'is blocked' : 'has no role, which that chat asks for';
  const scope = everywhere ? '' : ` --folder ${quoted(folder)}`;
  const leave = `./wharfie unregister --platform-id ${quoted(chat.platformId)}`;
  return finding(
    `The one person of ${chat.platformId}, ${person.id}, ${why}: nobody is answered there.`,
    `./wharfie members --add ${quoted(person.id)} --role member${scope} (or, where it is meant so: ${leave})`,
  );
}

function nobody(db: CentralDb, chat: MessagingGroup, { id, folder, isAdmin }: AgentGroup): Finding {
  const message = `${chat.platformId} hears only people who have a role for ${folder}, and nobody has one: nobody is answered there.`;
  const chats = listMessagingGroups(db).filter((one) =>
    listWiredFolders(db, one.id).some((wired) => wired.agentGroupId === id),
  );
  const add = `./wharfie members --add <${chat.channelType}:user id> --role member --folder ${quoted(folder)}`;
  const open = `${registerAgainCommand(chat, folder)} --unknown-senders open`;
  // What other chats told the agent is not for everybody here.
  const isPrivate = isAdmin || chats.length > 1;
  return finding(message, isPrivate ? add : `${open} (or only some: ${add})`);
}

function finding(message: string, fix: string): Finding {
  return { id: 'chat-hears-nobody', layer: 'wiring', severity: 'error', message, fix };
}
