import { z } from 'zod';
import { jsonOf } from '../../json.js';
import { cutAfter, listOf, maybe } from '../chat-sdk/lenient.js';

/**
 * What a message says that is no plain text, of each kind that Meta's webhook has
 * (developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages).
 */
const LONGEST = 1000;
const MOST = 100;
/** Of the answer to a form. */
const LONGEST_FORM = 20_000;
const DEEPEST = 5;

const words = z
  .union([z.string(), z.number().transform(String)])
  .catch('')
  .transform((text) => cutAfter(LONGEST)(text));
const list = <T extends z.ZodType>(schema: T) => listOf(schema, MOST);

const replySchema = z.object({ id: words, title: words, description: words });
const captionSchema = maybe(z.object({ caption: z.string().catch('') }));

export const saidSchema = z.object({
  type: words,
  text: maybe(z.object({ body: z.string().catch('') })),
  image: captionSchema,
  document: captionSchema,
  video: captionSchema,
  location: maybe(z.object({ latitude: words, longitude: words, name: words, address: words, url: words })),
  contacts: list(
    z.object({
      name: maybe(z.object({ formatted_name: words, first_name: words })),
      org: maybe(z.object({ company: words, title: words })),
      phones: list(z.object({ phone: words, wa_id: words })),
      emails: list(z.object({ email: words })),
      urls: list(z.object({ url: words })),
      addresses: list(z.object({ street: words, zip: words, city: words, country: words })),
      birthday: words,
    }),
  ),
  button: maybe(z.object({ text: words, payload: words })),
  interactive: maybe(
    z.object({
      type: words,
      button_reply: maybe(replySchema),
      list_reply: maybe(replySchema),
      nfm_reply: maybe(z.object({ response_json: z.unknown().optional(), body: words, name: words })),
      call_permission_reply: maybe(z.object({ response: words })),
    }),
  ),
  order: maybe(
    z.object({
      catalog_id: words,
      text: z.string().catch(''),
      product_items: list(
        z.object({ product_retailer_id: words, quantity: words, item_price: words, currency: words }),
      ),
    }),
  ),
  unsupported: maybe(z.object({ type: words })),
  errors: list(z.object({ code: words, title: words, error_data: maybe(z.object({ details: words })) })),
});
export type Said = z.infer<typeof saidSchema>;

const joined = (parts: readonly string[], between: string) =>
  parts.filter((part) => part !== '').join(between);

/** Files say by themselves what they are. */
const FILES = new Set(['image', 'document', 'video', 'audio', 'voice']);

/** The words of a message, and what stands in their place where it has none. */
export function wordsOf(said: Said): { text: string; placeholder: string | null } {
  const text = ownWords(said);
  return { text, placeholder: text === '' ? placeholderOf(said) : null };
}

function ownWords(said: Said): string {
  const { text, image, document, video, button, interactive, order } = said;
  if (said.type === 'order' && order) return joined([order.text, placeholderOf(said) ?? ''], '\n');
  const form = interactive?.nfm_reply;
  if (form) return formWords(form.response_json) || form.body;
  const chosen = interactive?.button_reply ?? interactive?.list_reply;
  if (chosen) return joined([chosen.title, chosen.description], '\n');
  return text?.body || (button?.text ?? image?.caption ?? document?.caption ?? video?.caption ?? '');
}

function placeholderOf({ type, location, contacts, order, interactive, unsupported }: Said): string | null {
  if (FILES.has(type)) return null;
  if (type === 'sticker') return '[sticker]';
  if (location) {
    const { name, address, latitude, longitude } = location;
    return `[place: ${joined([name, address, latitude, longitude], ', ')}]`;
  }
  if (contacts.length > 0) return `[contact: ${contacts.map(cardWords).join('; ')}]`;
  if (order && order.product_items.length > 0) {
    const items = order.product_items.map((item) =>
      `${item.quantity} × ${item.product_retailer_id} at ${item.item_price} ${item.currency}`.trim(),
    );
    return `[order: ${items.join('; ')}]`;
  }
  const permission = interactive?.call_permission_reply?.response;
  if (permission) return `[call permission: ${permission}]`;
  const kind = interactive ? joined([type, interactive.type], ' ') : unsupported?.type || type;
  return `[a message of a kind that cannot be shown here: ${kind || 'unknown'}]`;
}

function cardWords({
  name,
  org,
  phones,
  emails,
  urls,
  addresses,
  birthday,
}: Said['contacts'][number]): string {
  const parts = [
    name?.formatted_name || (name?.first_name ?? ''),
    joined([org?.title ?? '', org?.company ?? ''], ' at '),
    ...phones.map(({ phone, wa_id }) => phone || wa_id),
    ...emails.map(({ email }) => email),
    ...urls.map(({ url }) => url),
    ...addresses.map(({ street, zip, city, country }) => joined([street, zip, city, country], ' ')),
    birthday,
  ];
  return joined(parts, ', ');
}

/** Meta's own mark of a flow, which nobody has filled in. */
const NOT_FILLED_IN = new Set(['flow_token']);

/**
 * The answer to a flow, one line for each field
 * (developers.facebook.com/docs/whatsapp/flows/reference/responsemsgwebhook).
 */
function formWords(answer: unknown): string {
  const given = typeof answer === 'string' ? (jsonOf(answer.slice(0, LONGEST_FORM)) ?? answer) : answer;
  if (given === undefined || given === null) return '';
  const lines: string[] = [];
  let left = LONGEST_FORM;

  function add(key: string, value: unknown, depth: number): void {
    if (left <= 0 || NOT_FILLED_IN.has(key)) return;
    if (typeof value === 'object' && value !== null && depth < DEEPEST) {
      const isPlain = Array.isArray(value) && value.every((one) => typeof one !== 'object');
      if (isPlain) {
        line(key, value.slice(0, MOST).join(', '));
        return;
      }
      for (const [name, inner] of Object.entries(value).slice(0, MOST)) {
        add(key === '' ? name : `${key}.${name}`, inner, depth + 1);
      }
      return;
    }
    line(key, typeof value === 'object' ? '…' : String(value));
  }

  function line(key: string, value: string): void {
    const whole = `[form] ${joined([key, value.slice(0, Math.max(0, left))], ': ')}`;
    left -= whole.length;
    lines.push(whole);
  }

  add('', given, 0);
  return lines.join('\n');
}

/** Why Meta could not hand over what was said, where it tells that. */
export function problemsOf({ type, errors }: Said): string[] {
  if (type !== 'unsupported' && errors.length === 0) return [];
  return errors.slice(0, 3).map(({ code, title, error_data }) => {
    const why = joined([title, error_data?.details ?? ''], ': ').replace(/[.\s]+$/, '');
    return `WhatsApp did not hand over what was said (${joined([code, why], ', ')}).`;
  });
}
