import type { ChannelFacts } from './types.js';

const APP = 'developers.facebook.com/apps, your app';
const USE_CASE = `${APP} > Use cases > Connect with customers through WhatsApp > Customize`;

/** `<phone number id>:<user>`; the user is a phone number as people write it, or a business-scoped user id (`US.…`). */
const ADDRESS = /^(\d{5,20})[:/]\s*(?:\+?([\d\s().-]{5,30})|([a-z]{2}\.(?:ent\.)?[a-z0-9]{1,128}))$/i;
const SCOPED = /^([a-z]{2}\.(?:ent\.)?)(.*)$/i;

export const whatsappCloudFacts: ChannelFacts = {
  type: 'whatsapp-cloud',
  label: 'WhatsApp',
  idPrefix: 'whatsapp',
  package: { name: '@chat-adapter/whatsapp', version: '4.41.0' },
  transport: 'webhook',
  credentials: [
    {
      name: 'WHATSAPP_ACCESS_TOKEN',
      label: 'access token',
      required: true,
      secret: true,
      pattern: /^EAA[\w-]{20,600}$/,
      where:
        'business.facebook.com/settings > Users > System users > your system user > Generate token: your app, never expiring, with whatsapp_business_messaging and whatsapp_business_management.',
    },
    {
      name: 'WHATSAPP_PHONE_NUMBER_ID',
      label: 'phone number id',
      required: true,
      secret: false,
      pattern: /^\d{5,20}$/,
      where: `${USE_CASE} > API Setup: Phone number ID, below the number itself.`,
    },
    {
      name: 'WHATSAPP_APP_SECRET',
      label: 'app secret',
      required: true,
      secret: true,
      pattern: /^[0-9a-f]{32}$/i,
      where: `${APP} > App settings > Basic > App secret > Show.`,
    },
    {
      name: 'WHATSAPP_VERIFY_TOKEN',
      label: 'verify token',
      required: true,
      secret: true,
      pattern: /^[\w.~-]{8,200}$/,
      where: `A word that you make up, 8 letters or more; the same is put in at ${USE_CASE} > Configuration > Webhook.`,
    },
  ],
  platformId: {
    pattern: /^whatsapp:\d{5,20}:(?:[1-9]\d{4,19}|[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128})$/,
    example: 'whatsapp:106540352242922:491701234567',
    where:
      'The phone number id (API Setup), a colon, and the number of the person with its country code; or let them write first and see the step groups --list.',
    aliases: [],
    partial: /^\+?[1-9][\d\s().-]{4,30}$/,
    isGroup: () => false,
    counterpart: (platformId) => `whatsapp-cloud:${platformId.split(':')[2]}`,
    normalizeRest(rest) {
      const [, phoneNumberId, phone, scoped] = ADDRESS.exec(rest) ?? [];
      if (phone !== undefined) return `${phoneNumberId}:${phone.replace(/\D/g, '').replace(/^0+/, '')}`;
      const [, country = '', user] = SCOPED.exec(scoped ?? '') ?? [];
      return user === undefined ? null : `${phoneNumberId}:${country.toUpperCase()}${user}`;
    },
  },
  sayToBot: "Send it to the bot's number, in a message with nothing else in it.",
  tellsEdits: true,
  tellsDeletions: true,
  capabilities: {
    threads: false,
    edits: false,
    reactions: true,
    typing: true,
    files: true,
    buttons: true,
    coldDirectMessages: false,
    textLimit: { max: 4096, unit: 'utf16' },
    idempotency: false,
    history: false,
    waitsForEver: false,
  },
};
