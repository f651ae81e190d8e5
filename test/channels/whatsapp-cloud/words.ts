import type { FakeWhatsApp } from '../../fakes/whatsapp.js';
import type { Words } from '../contract/words.js';

/**
 * Messages as Meta's webhook has them; the addresses beside them follow
 * developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages.
 */
export function whatsappWords({ world, send, push }: FakeWhatsApp): Words {
  const { ada, ben } = world;
  const media = { id: '901', mime_type: 'image/webp', sha256: '', animated: false };
  return {
    // …/text, "Message forwarded by a WhatsApp user"; the origin is not told.
    forwards: (body) => void send(ada, { type: 'text', text: { body }, context: { forwarded: true } }),
    // …/sticker
    sticker: () => void send(ada, { type: 'sticker', sticker: media }),
    // …/location
    place: (name, latitude, longitude) =>
      void send(ada, { type: 'location', location: { latitude, longitude, name, address: '1 Main Street' } }),
    // …/contacts
    contact: (formatted_name, phone) =>
      void send(ada, {
        type: 'contacts',
        contacts: [{ name: { formatted_name }, phones: [{ phone, type: 'CELL' }] }],
      }),
    // developers.facebook.com/docs/whatsapp/flows/reference/responsemsgwebhook
    form: (answer) =>
      void send(ada, {
        type: 'interactive',
        context: { from: '15551230001', id: 'wamid.form' },
        interactive: {
          type: 'nfm_reply',
          nfm_reply: {
            name: 'flow',
            body: 'Sent',
            response_json: JSON.stringify({ flow_token: 't', when: answer }),
          },
        },
      }),
    // …/order: the words that came with a cart.
    wordsInBlocks: (text) =>
      void send(ada, {
        type: 'order',
        order: {
          catalog_id: '1',
          text,
          product_items: [{ product_retailer_id: 'sku1', quantity: 2, item_price: 10, currency: 'EUR' }],
        },
      }),
    // …/system
    service() {
      const system = { type: 'user_changed_number', body: 'Ada changed her number', wa_id: '4917099' };
      const told = { from: ada.wa_id, id: 'wamid.system', timestamp: '1768478400', type: 'system', system };
      push({ messages: [told] });
      send(ada, { type: 'request_welcome' });
      // …/unsupported
      send(ada, { type: 'unsupported', unsupported: { type: 'pin' } });
      return 3;
    },
    // …/edit
    edits(before, after) {
      const id = send(ada, { type: 'text', text: { body: before } });
      send(ada, {
        type: 'edit',
        edit: { original_message_id: id, message: { type: 'text', text: { body: after } } },
      });
    },
    // …/status: that it was read, for one.
    touches(text) {
      const id = send(ada, { type: 'text', text: { body: text } });
      push({ statuses: [{ id, status: 'read', timestamp: '1768478400', recipient_id: ada.wa_id }] });
    },
    // …/revoke
    deletes(text) {
      const id = send(ada, { type: 'text', text: { body: text } });
      send(ada, { type: 'revoke', revoke: { original_message_id: id } });
    },
    // …/text, contacts: the chat is called as the person calls themselves.
    renames: (name, body) => void send({ ...ben, name }, { type: 'text', text: { body } }),
  };
}
