import { z } from 'zod';
import { jsonOf } from '../../json.js';

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
const clickedSchema = messageSchema.partial({ createTime: true, sender: true });
const parametersSchema = z.record(z.string(), z.string());

/** An event as a Workspace add-on gets it: the form that the adapter reads. */
const eventSchema = z.looseObject({
  commonEventObject: z
    .looseObject({ invokedFunction: z.string().optional(), parameters: parametersSchema.optional() })
    .optional(),
  chat: z.looseObject({
    user: userSchema.optional(),
    eventTime: timeSchema.optional(),
    messagePayload: z.looseObject({ space: spaceSchema, message: messageSchema }).optional(),
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
  common: z.looseObject({ parameters: parametersSchema.optional() }).optional(),
  action: z
    .looseObject({ parameters: z.array(z.looseObject({ key: z.string(), value: z.string() })).optional() })
    .optional(),
});

/** What Google Chat tells of in this body; null: nothing that can be read. */
export function readEvent(body: string): GoogleChatEvent | null {
  const json = jsonOf(body);
  const plain = plainSchema.safeParse(json).data;
  return eventSchema.safeParse(plain ? asAddOn(plain) : json).data ?? null;
}

function asAddOn({ type, eventTime, space, user, message, common, action }: z.infer<typeof plainSchema>) {
  const chat = { user, eventTime };
  if (type === 'CARD_CLICKED') {
    const pairs = (action?.parameters ?? []).map(({ key, value }) => [key, value]);
    const parameters = { ...common?.parameters, ...Object.fromEntries(pairs) };
    return {
      commonEventObject: { parameters },
      chat: { ...chat, buttonClickedPayload: { space, message, user } },
    };
  }
  // An app that is added by a mention is told so, with the message in which it was.
  const said = message !== undefined && ['MESSAGE', 'ADDED_TO_SPACE'].includes(type);
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
