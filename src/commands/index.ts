import type { InboundEvent } from '../channels/adapter.js';
import { noticeKnown } from '../db/inbound/notices.js';
import type { CommandHandler, EngagedWiring } from '../router/types.js';
import { type Sentence, sentences } from '../voice/index.js';
import { again } from './again.js';
import { startNew } from './new.js';
import { addressesIn, type CommandName, parseCommand } from './parse.js';
import { status } from './status.js';
import { stop } from './stop.js';
import { tasks } from './tasks.js';
import type { Command, CommandDeps, CommandTarget } from './types.js';

export type { CommandDeps } from './types.js';

const commands: Record<CommandName, Command> = { stop, new: startNew, status, again, tasks };

/** What the host itself answers in a chat, for the agents that the message woke, by the sender's role in each. */
export function createCommands(deps: CommandDeps): CommandHandler {
  const { sessions, voice, log } = deps;

  const targetOf = (event: InboundEvent, engaged: EngagedWiring): CommandTarget => {
    const { agentGroup, messagingGroup, wiring, role } = engaged;
    const { threadId } = event;
    const session = sessions.resolve({ agentGroup, messagingGroup, threadId, mode: wiring.sessionMode });
    return { session, agentGroup, messagingGroup, role };
  };

  return {
    async handle(event, engaged) {
      const parsed = parseCommand(event.text, addressesIn(event, engaged.flatMap(patternsOf)));
      const [first] = engaged;
      if (!parsed || !first) return false;
      const { name, args } = parsed;
      const command = commands[name];
      const targets = engaged.map((one) => targetOf(event, one));
      const speaker = targetOf(event, first).session.id;
      const { channelType, platformId, threadId } = event;
      const to = { channelType, platformId, threadId };
      const call = { to, eventId: event.messageId, senderId: event.sender.id, args };
      const dedupeKey = `command:${platformId}:${event.messageId}`;
      // A redelivery: what came after the first time must not be stopped by it.
      if (sessions.read(speaker, (db) => noticeKnown(db, dedupeKey))) return true;
      const answers: Sentence[] = [];
      for (const target of targets) {
        const answer =
          command.mayUse && !command.mayUse(target)
            ? sentences.commands.notAllowed({ command: name })
            : await command.run(target, call, deps);
        if (answer === null) continue;
        const { name: agent } = target.agentGroup;
        answers.push(targets.length > 1 ? sentences.commands.named({ name: agent, answer }) : answer);
      }
      log.info(
        { chat: platformId, message: event.messageId, command: name, sender: event.sender.id },
        'command',
      );
      if (answers.length === 0) return true;
      const text = sentences.commands.all({ answers });
      await voice.durable(speaker, { to, text, dedupeKey, code: `command-${name}` });
      return true;
    },
  };
}

function patternsOf({ wiring }: EngagedWiring): readonly string[] {
  const { pattern } = wiring.triggerRules;
  return pattern === undefined ? [] : [pattern].flat();
}
