import { z } from 'zod';
import { addressOfMessage, destination, toShape } from './address.ts';
import { defineTool, type Tool, type ToolContext, ToolError } from './types.ts';

/** In UTF-16 code units; the host refuses longer ones (its src/outbound-reader/types.ts). */
export const MAX_TEXT = 100_000;

const text = z.string().min(1).max(MAX_TEXT).describe('Markdown.');
const messageId = z.number().int().positive().describe('The number that the message is known by.');

export function coreTools(context: ToolContext): Tool[] {
  return [
    defineTool({
      name: 'send_message',
      description:
        'Says something in a chat now, before the end of your turn. Your final text is sent by itself: do not repeat it here.',
      shape: { text, to: toShape },
      async run(args) {
        const { content, address } = destination(context, args.to);
        const row = await context.say({ kind: 'chat', address, content: { text: args.text, ...content } });
        return `Sent as message ${row.seq}.`;
      },
    }),
    defineTool({
      name: 'send_file',
      description: 'Sends a file from your working folder (or any path that you can read) to a chat.',
      shape: { path: z.string().min(1).max(4096), text: text.optional(), to: toShape },
      async run(args) {
        const { content, address } = destination(context, args.to);
        const file = await context.stageFile(args.path);
        const said = { text: args.text ?? '', files: [file], ...content };
        const row = await context.say({ kind: 'chat', address, content: said });
        return `Sent ${file.name} as message ${row.seq}.`;
      },
    }),
    defineTool({
      name: 'edit_message',
      description: 'Replaces the text of one of your own earlier messages.',
      shape: { messageId, text },
      async run(args) {
        if (args.messageId % 2 === 0)
          throw new ToolError('Only your own messages can be edited: their numbers are odd.');
        const address = addressOfMessage(context, args.messageId);
        await context.say({ kind: 'chat', address, content: { operation: 'edit', ...args } });
        return `Message ${args.messageId} will be edited.`;
      },
    }),
    defineTool({
      name: 'add_reaction',
      description: 'Puts an emoji on a message.',
      shape: { messageId, emoji: z.string().min(1).max(64).describe('The emoji itself, such as 👍.') },
      async run(args) {
        const address = addressOfMessage(context, args.messageId);
        await context.say({ kind: 'chat', address, content: { operation: 'reaction', ...args } });
        return `Reaction on message ${args.messageId} will be added.`;
      },
    }),
    defineTool({
      name: 'stay_silent',
      description:
        'Ends your turn without an answer: no text of yours is sent. For when none is due; the reason is kept, not shown.',
      shape: { reason: z.string().min(1).max(1000) },
      endsTurn: true,
      async run(args) {
        context.staySilent(args.reason);
        return 'Your turn ends in silence.';
      },
    }),
  ];
}
