import { z } from 'zod';
import { shortHash } from '../../ids.js';
import type { Packet } from '../chat-sdk/guard.js';
import { wordsOfForm } from './words.js';

/** What is read of Google Chat's events (developers.google.com/workspace/chat/api/reference/rest/v1/spaces). */
const spaceSchema = z.looseObject({
  name: z.string().regex(/^spaces\/[\w-]{1,64}$/),
  displayName: z.string().optional(),
  spaceType: z.string().optional(),
  /** An older name for the kind of space. */
  type: z.string().optional(),
  spaceThreadingState: z.string().optional(),
  singleUserBotDm: z.boolean().optional(),
});
export type Space = z.infer<typeof spaceSchema>;

const userSchema = z.looseObject({ name: z.string(), displayName: z.string().optional() });
/** Add-ons are told times in seconds, others in a text. */
const timeSchema = z.union([
  z.string(),
  z
    .object({ seconds: z.coerce.number(), nanos: z.number().default(0) })
    .transform(({ seconds, nanos }) => new Date(seconds * 1000 + nanos / 1e6).toISOString()),
]);
const messageSchema = z.looseObject({
  name: z.string().regex(/^spaces\/[\w-]{1,64}\/messages\/[\w.-]{1,200}$/),
  createTime: timeSchema,
  text: z.string().default(''),
  sender: userSchema,
  thread: z.looseObject({ name: z.string() }).optional(),
});
const payloadSchema = z.looseObject({ space: spaceSchema, message: messageSchema });
const clickedSchema = messageSchema.partial({ createTime: true, sender: true });
const parametersSchema = z.record(z.string(), z.string());

/** An event as a Workspace add-on gets it: the form that the adapter reads. */
const eventSchema = z.looseObject({
  commonEventObject: z
    .looseObject({
      invokedFunction: z.string().optional(),
      parameters: parametersSchema.optional(),
      formInputs: z.unknown().optional(),
    })
    .optional(),
  chat: z.looseObject({
    user: userSchema.optional(),
    eventTime: timeSchema.optional(),
    messagePayload: payloadSchema.optional(),
    buttonClickedPayload: z
      .looseObject({ space: spaceSchema, message: clickedSchema, user: userSchema.optional() })
      .optional(),
  }),
});
export type GoogleChatEvent = z.infer<typeof eventSchema>;

/** The same as an app that is no add-on gets it (…/workspace/chat/api/reference/rest/v1/Event). */
const plainSchema = z.looseObject({
  type: z.string(),
  eventTime: timeSchema.optional(),
  space: spaceSchema,
  user: userSchema.optional(),
  message: z.unknown().optional(),
  common: z
    .looseObject({ parameters: parametersSchema.optional(), formInputs: z.unknown().optional() })
    .optional(),
  action: z
    .looseObject({ parameters: z.array(z.looseObject({ key: z.string(), value: z.string() })).optional() })
    .optional(),
});

const told = z.string().optional().catch(undefined);
const named = z.object({ name: told }).optional().catch(undefined);
const unreadMessage = z
  .object({ name: told, createTime: told, sender: named, space: named })
  .optional()
  .catch(undefined);
const unreadSchema = z
  .object({
    type: told,
    space: named,
    message: unreadMessage,
    chat: z
      .object({
        messagePayload: z.object({ space: named, message: unreadMessage }).optional().catch(undefined),
      })
      .optional()
      .catch(undefined),
  })
  .catch({});

/** What is told of a message that cannot be read; null: it tells of none. */
export function packetOf(raw: unknown): Packet | null {
  const { type, space, message, chat } = unreadSchema.parse(raw);
  const plain = type === 'MESSAGE' || type === 'ADDED_TO_SPACE' ? { space, message } : undefined;
  const { space: place, message: said } = chat?.messagePayload ?? plain ?? {};
  if (!said) return null;
  const name = place?.name ?? said.space?.name;
  return {
    platformId: name && `gchat:${name}`,
    messageId: said.name,
    senderId: said.sender?.name,
    at: Date.parse(said.createTime ?? ''),
    raw,
  };
}

/** What Google Chat tells of; null: nothing that can be read. */
export function readEvent(json: unknown): GoogleChatEvent | null {
  const plain = plainSchema.safeParse(json).data;
  const event = eventSchema.safeParse(plain ? asAddOn(plain) : json).data;
  return event ? withForm(withCommand(event)) : null;
}

/** A command is a message to the app. A quick one has no words, and is none (…/concepts/event-objects#chat-event-object). */
function withCommand(event: GoogleChatEvent): GoogleChatEvent {
  const { appCommandPayload, ...chat } = event.chat;
  const messagePayload = payloadSchema.safeParse(appCommandPayload).data;
  return messagePayload && !chat.messagePayload ? { ...event, chat: { ...chat, messagePayload } } : event;
}

/** What was put into a card is said by who did it. */
function withForm(event: GoogleChatEvent): GoogleChatEvent {
  const { buttonClickedPayload: clicked, eventTime, user, ...chat } = event.chat;
  const text = wordsOfForm(event.commonEventObject?.formInputs);
  const sender = clicked?.user ?? user;
  if (!clicked || text === null || !sender || eventTime === undefined) return event;
  const { space, message } = clicked;
  const said = { ...{ createTime: eventTime, text, argumentText: text, sender }, thread: message.thread };
  const name = `${message.name.slice(0, 120)}.form-${shortHash(JSON.stringify([eventTime, sender.name, text]), 20)}`;
  return {
    ...event,
    chat: { ...chat, eventTime, user, messagePayload: { space, message: { ...said, name } } },
  };
}

function asAddOn({ type, eventTime, space, user, message, common, action }: z.infer<typeof plainSchema>) {
  const chat = { user, eventTime };
  if (type === 'CARD_CLICKED') {
    const pairs = (action?.parameters ?? []).map(({ key, value }) => [key, value]);
    const parameters = { ...common?.parameters, ...Object.fromEntries(pairs) };
    return {
      commonEventObject: { parameters, formInputs: common?.formInputs },
      chat: { ...chat, buttonClickedPayload: { space, message, user } },
    };
  }
  // An app that is added by a mention is told so, with the message in which it was.
  const said = message !== undefined && ['MESSAGE', 'ADDED_TO_SPACE', 'APP_COMMAND'].includes(type);
  return { chat: said ? { ...chat, messagePayload: { space, message } } : chat };
}

/** In a direct message there is nobody but the person and the app. */
export const isDirect = ({ spaceType, type, singleUserBotDm }: Space) =>
  spaceType === undefined ? type === 'DM' || singleUserBotDm === true : spaceType === 'DIRECT_MESSAGE';

/** Whether messages of this space stand in threads that can be answered in. */
export function isThreaded(space: Space): boolean {
  if (isDirect(space)) return false;
  const { spaceThreadingState: state, spaceType } = space;
  return state === undefined ? spaceType !== 'GROUP_CHAT' : /^(?:THREADED|GROUPED)_MESSAGES$/.test(state);
}
