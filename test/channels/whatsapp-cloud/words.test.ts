import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRecordingHost, type RecordingHost } from '../contract/stage.js';
import { openWhatsApp, type WhatsAppStage } from '../whatsapp-cloud.js';

let stage: WhatsAppStage;
let host: RecordingHost;
beforeEach(async () => {
  stage = await openWhatsApp();
  host = createRecordingHost();
  await stage.adapter.start(host);
});
afterEach(async () => {
  await stage.adapter.stop();
  await stage.close();
});

/** The event that comes of a message with these fields. */
async function eventOf(message: object) {
  const before = host.events.length;
  stage.fake.send(stage.fake.world.ada, message);
  return host.until(() => host.events[before]);
}
const file = (fields = {}) => ({ id: '901', mime_type: 'image/jpeg', sha256: '', ...fields });
const form = (response_json: unknown) => ({
  type: 'interactive',
  interactive: { type: 'nfm_reply', nfm_reply: { name: 'flow', body: 'Sent', response_json } },
});

// developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/messages, each kind by its page
describe('what a message says', () => {
  test.each<[string, object]>([
    ['words', { type: 'text', text: { body: 'words' } }],
    ['my cat', { type: 'image', image: file({ caption: 'my cat' }) }],
    ['a plan', { type: 'document', document: file({ caption: 'a plan', filename: 'plan.pdf' }) }],
    ['', { type: 'image', image: file() }],
    ['', { type: 'audio', audio: file({ mime_type: 'audio/ogg', voice: true }) }],
    ['[sticker]', { type: 'sticker', sticker: file({ animated: true }) }],
    ['[place: 52.5, 13.4]', { type: 'location', location: { latitude: 52.5, longitude: 13.4 } }],
    [
      '[place: Café, 1 Main Street, 52.5, 13.4]',
      {
        type: 'location',
        location: { latitude: 52.5, longitude: 13.4, name: 'Café', address: '1 Main Street' },
      },
    ],
    [
      '[contact: Zoe Doe, CEO at Acme, +4930, zoe@example.com; Bob]',
      {
        type: 'contacts',
        contacts: [
          {
            name: { formatted_name: 'Zoe Doe', first_name: 'Zoe' },
            org: { company: 'Acme', title: 'CEO' },
            phones: [{ phone: '+4930', wa_id: '4930', type: 'CELL' }],
            emails: [{ email: 'zoe@example.com', type: 'WORK' }],
          },
          { name: { first_name: 'Bob' } },
        ],
      },
    ],
    [
      'please wrap it\n[order: 2 × sku1 at 10.5 EUR]',
      {
        type: 'order',
        order: {
          catalog_id: '1',
          text: 'please wrap it',
          product_items: [{ product_retailer_id: 'sku1', quantity: 2, item_price: 10.5, currency: 'EUR' }],
        },
      },
    ],
    [
      '[form] day: Monday\n[form] guests: 3\n[form] menu: soup, salad\n[form] who.name: Zoe',
      form(
        JSON.stringify({
          flow_token: 't',
          day: 'Monday',
          guests: 3,
          menu: ['soup', 'salad'],
          who: { name: 'Zoe' },
        }),
      ),
    ],
    ['[form] no JSON', form('no JSON')],
    ['Sent', form(null)],
    [
      '[call permission: accept]',
      {
        type: 'interactive',
        interactive: { type: 'call_permission_reply', call_permission_reply: { response: 'accept' } },
      },
    ],
    [
      '[a message of a kind that cannot be shown here: interactive product]',
      { type: 'interactive', interactive: { type: 'product' } },
    ],
    [
      '[a message of a kind that cannot be shown here: poll_creation]',
      { type: 'unsupported', unsupported: { type: 'poll_creation' } },
    ],
    ['[a message of a kind that cannot be shown here: hologram]', { type: 'hologram', hologram: {} }],
  ])('%s', async (text, message) => {
    expect(await eventOf(message)).toMatchObject({ kind: 'message', text });
  });

  // …/button and …/interactive: of templates, and of whatever else uses the number
  test.each<[string, object]>([
    ['button', { type: 'button', button: { payload: 'yes-1', text: 'Yes please' } }],
    [
      'button_reply',
      {
        type: 'interactive',
        interactive: { type: 'button_reply', button_reply: { id: 'yes-1', title: 'Yes please' } },
      },
    ],
    [
      'list_reply',
      {
        type: 'interactive',
        interactive: { type: 'list_reply', list_reply: { id: 'yes-1', title: 'Yes please' } },
      },
    ],
  ])('a %s of a template is words, and names what it answers', async (_, message) => {
    const event = await eventOf({ ...message, context: { from: '15551230001', id: 'wamid.template' } });
    expect(event).toMatchObject({ kind: 'message', text: 'Yes please', replyTo: 'wamid.template' });
    expect(event.messageId).not.toBe('wamid.template');
  });

  test('why something was not handed over is told', async () => {
    const errors = [
      {
        code: 131051,
        title: 'Message type unknown',
        error_data: { details: 'Message type is not supported.' },
      },
    ];
    expect(await eventOf({ type: 'unsupported', errors })).toMatchObject({
      text: '[a message of a kind that cannot be shown here: unsupported]',
      problems: [
        'WhatsApp did not hand over what was said (131051, Message type unknown: Message type is not supported).',
      ],
    });
  });

  test('a form that is too large, or too deep, is cut', async () => {
    const deep = JSON.parse(`${'{"a":'.repeat(50)}1${'}'.repeat(50)}`);
    expect((await eventOf(form({ deep }))).text).toBe('[form] deep.a.a.a.a: …');
    const wide = (value: unknown) =>
      Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`k${at}`, value]));
    expect((await eventOf(form(wide(wide('x'))))).text.length).toBeLessThan(22_000);
    const many = wide('x'.repeat(1000));
    expect((await eventOf(form(many))).text.length).toBeLessThan(22_000);
  });
});

describe('what it passes on and points at', () => {
  test.each(['forwarded', 'frequently_forwarded'])('%s words are nobody’s that is known', async (how) => {
    const context = { [how]: true };
    const words = await eventOf({ type: 'text', text: { body: '/new you won the lottery' }, context });
    expect(words).toMatchObject({
      text: '',
      forwarded: { text: '/new you won the lottery', from: '', at: null },
    });
    const picture = await eventOf({ type: 'image', image: file({ caption: 'look' }), context });
    expect(picture).toMatchObject({
      text: '',
      forwarded: { text: 'look' },
      attachments: [{ mimeType: 'image/jpeg' }],
    });
    const sticker = await eventOf({ type: 'sticker', sticker: file(), context });
    expect(sticker).toMatchObject({ text: '', forwarded: { text: '[sticker]' } });
  });

  test('an advertisement and a product that somebody writes about', async () => {
    const referral = { source_url: 'https://fb.me/x', source_type: 'ad', headline: 'Tea', body: 'Fresh tea' };
    expect((await eventOf({ type: 'text', text: { body: 'this one?' }, referral })).quoted).toMatchObject({
      text: '[ad: Tea – Fresh tea – https://fb.me/x]',
      messageId: null,
    });
    const context = { id: 'wamid.9', referred_product: { catalog_id: '1', product_retailer_id: 'sku1' } };
    expect(await eventOf({ type: 'text', text: { body: 'in red?' }, context })).toMatchObject({
      replyTo: 'wamid.9',
      quoted: { text: '[product: sku1 of the catalog 1]' },
    });
  });
});

describe('what becomes of it', () => {
  const edit = (original_message_id: string, message: object) => ({
    type: 'edit',
    edit: { original_message_id, message },
  });

  test('a caption can be edited', async () => {
    const caption = { type: 'image', image: file({ caption: 'a new caption' }) };
    expect(await eventOf(edit('wamid.1', caption))).toMatchObject({
      kind: 'edited',
      text: 'a new caption',
      replyTo: 'wamid.1',
      attachments: [],
    });
  });

  test('an edit and a deletion without their fields disturb nothing, and who revokes cannot be another', async () => {
    const { ada, ben } = stage.fake.world;
    stage.fake.send(ada, { type: 'edit', edit: { original_message_id: 5 } });
    stage.fake.send(ada, { type: 'revoke' });
    stage.fake.send(
      ada,
      edit('wamid.1', { type: 'text', text: { body: 'x' }, from: ben.wa_id, id: 'wamid.2' }),
    );
    const event = await host.until(() => host.events[0]);
    expect(event).toMatchObject({ replyTo: 'wamid.1', sender: { id: `whatsapp-cloud:${ada.wa_id}` } });
    stage.say(stage.direct, 'last');
    await host.heard('last');
    expect(host.events).toHaveLength(2);
  });

  // …/system
  test('a person with a new number keeps the chat', async () => {
    const { ada } = stage.fake.world;
    stage.say(stage.direct, 'from the old number');
    await host.heard('from the old number');
    const system = { type: 'user_changed_number', body: 'changed', wa_id: '4917099' };
    stage.fake.push({
      messages: [{ from: ada.wa_id, id: 'wamid.s', timestamp: '1', type: 'system', system }],
    });
    await stage.fake.hook.idle();
    stage.fake.send({ ...ada, wa_id: '4917099' }, { type: 'text', text: { body: 'from the new number' } });
    expect((await host.heard('from the new number')).platformId).toBe(stage.direct.platformId);
  });
});
