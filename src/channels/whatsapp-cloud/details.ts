import { z } from 'zod';
import type { MessageDetails, ThreadMessage } from '../chat-sdk/platform.js';
import { problemsOf, saidSchema, wordsOf } from './words.js';

const text = z.string().catch('');
const some = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);
const cut = (value: string) => value.slice(0, 1000);

const messageSchema = saidSchema.extend({
  context: some(
    z.object({
      id: some(z.string()),
      forwarded: z.boolean().catch(false),
      frequently_forwarded: z.boolean().catch(false),
      referred_product: some(z.object({ catalog_id: text, product_retailer_id: text })),
    }),
  ),
  referral: some(z.object({ source_url: text, headline: text, body: text, source_type: text })),
});
const rawSchema = z.object({ message: messageSchema });
type Message = z.infer<typeof messageSchema>;

/** What nobody says: WhatsApp tells of a changed number, or that somebody has opened the chat. */
const SERVICE = new Set(['system', 'request_welcome']);
/** The same, of what the Cloud API names and does not support. */
const UNSUPPORTED_SERVICE = new Set(['pin', 'keep_in_chat', 'poll_update']);

/**
 * What a message says, from Meta's packet alone. Of what it answers that has the id only: the words are looked up where
 * the conversation has them.
 */
export function detailsOf({ message: { raw } }: ThreadMessage): MessageDetails {
  const { message } = rawSchema.parse(raw);
  const { context } = message;
  const { text: said, placeholder } = wordsOf(message);
  const problems = problemsOf(message);
  const quoted = pointedAt(message);
  const shared = {
    ...(isService(message) ? { service: true as const } : {}),
    ...(problems.length > 0 ? { problems } : {}),
    ...(quoted ? { quoted } : {}),
    replyTo: context?.id ?? null,
  };
  if (context?.forwarded || context?.frequently_forwarded) {
    // Whose words they are is not told.
    return { ...shared, text: '', forwarded: { text: said || (placeholder ?? ''), from: '', at: null } };
  }
  return { ...shared, text: said, ...(placeholder === null ? {} : { placeholder }) };
}

const isService = ({ type, unsupported }: Message): boolean =>
  SERVICE.has(type) || (type === 'unsupported' && UNSUPPORTED_SERVICE.has(unsupported?.type ?? ''));

/** The advertisement or the product that the person looked at when they began to write. */
function pointedAt({ referral, context }: Message): MessageDetails['quoted'] | null {
  const product = context?.referred_product;
  const kind = referral?.source_type === 'post' ? 'post' : 'ad';
  const parts = referral ? [referral.headline, referral.body, referral.source_url] : [];
  const ad = parts.filter((part) => part !== '').map(cut);
  const told = [
    ...(product
      ? [`[product: ${cut(product.product_retailer_id)} of the catalog ${cut(product.catalog_id)}]`]
      : []),
    ...(ad.length > 0 ? [`[${kind}: ${ad.join(' – ')}]`] : []),
  ];
  return told.length === 0 ? null : { text: told.join('\n'), from: '', messageId: null, partial: false };
}
