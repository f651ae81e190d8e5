import type { InboundEvent } from './channels/adapter.js';
import { again } from './commands/again.js';
import { startNew } from './commands/new.js';
import { addressesIn, type CommandName, parseCommand } from './commands/parse.js';
import { status } from './commands/status.js';
import { stop } from './commands/stop.js';
import type { Command, CommandDeps, CommandTarget } from './commands/types.js';
import { noticeKnown } from './db/notices.js';
import type { CommandHandler, EngagedWiring } from './router/types.js';

export type { CommandDeps } from './commands/types.js';

const commands: Record<CommandName, Command> = { stop, new: startNew, status, again };

/** What the host itself answers in a chat, for the agents that the message woke, by the sender's role in each. */
export function createCommands(deps: CommandDeps): CommandHandler {
  const { sessions, delivery, log } = deps;

  const targetOf = (event: InboundEvent, engaged: EngagedWiring): CommandTarget => {
    const { agentGroup, messagingGroup, wiring, role } = engaged;
    const { threadId } = event;
    const session = sessions.resolve({ agentGroup, messagingGroup, threadId, mode: wiring.sessionMode });
    return { session, agentGroup, messagingGroup, role };
  };

  return {
    async handle(event, engaged) {
      const name = parseCommand(event.text, addressesIn(event, engaged.flatMap(patternsOf)));
      const [first] = engaged;
      if (!name || !first) return false;
      const command = commands[name];
      const targets = engaged.map((one) => targetOf(event, one));
      const speaker = targetOf(event, first).session.id;
      const { channelType, platformId, threadId } = event;
      const to = { channelType, platformId, threadId };
      const dedupeKey = `command:${platformId}:${event.messageId}`;
      // A redelivery: what came after the first time must not be stopped by it.
      if (sessions.read(speaker, (db) => noticeKnown(db, dedupeKey))) return true;
      const answers: string[] = [];
      for (const target of targets) {
        const said = command.mayUse(target)
          ? await command.run(target, { to, eventId: event.messageId }, deps)
          : `Only people whom my operator let in may use /${name} here.`;
        if (said !== null) answers.push(targets.length > 1 ? `${target.agentGroup.name}: ${said}` : said);
      }
      log.info(
        { chat: platformId, message: event.messageId, command: name, sender: event.sender.id },
        'command',
      );
      if (answers.length === 0) return true;
      const text = answers.join('\n');
      await delivery.notice(speaker, { to, text, dedupeKey, code: `command-${name}` });
      return true;
    },
  };
}

function patternsOf({ wiring }: EngagedWiring): readonly string[] {
  const { pattern } = wiring.triggerRules;
  return pattern === undefined ? [] : [pattern].flat();
}
