import type { ChannelFacts } from './types.js';

/** A person's address, also as it stands in a mail's head (`Ada <ada@example.org>`) or in a link. */
const ADDRESS =
  /^(?:mailto:)?(?:.{0,300}<)?([^\s@<>"(),:;\\[\]]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,62})\.){1,8}[a-z]{2,24})>?$/i;

/** The address in lower case, as chats and people are named by it; null where it is none. */
export function emailAddressIn(text: string): string | null {
  return ADDRESS.exec(text.trim())?.[1]?.toLowerCase() ?? null;
}

export const resendFacts: ChannelFacts = {
  type: 'resend',
  label: 'E-mail (Resend)',
  idPrefix: 'resend',
  package: { name: 'html-to-text', version: '10.0.1' },
  transport: 'webhook',
  credentials: [
    {
      name: 'RESEND_API_KEY',
      label: 'API key',
      required: true,
      secret: true,
      pattern: /^re_\w{8,100}$/,
      where: 'resend.com/api-keys > Create API key, with the permission Full access (it also reads mails).',
    },
    {
      name: 'RESEND_FROM_ADDRESS',
      label: 'address of the agent',
      required: true,
      secret: false,
      pattern: ADDRESS,
      where:
        'The address that people write to, such as agent@mail.example.org, at a domain that resend.com/domains shows as verified for sending and receiving.',
    },
    {
      name: 'RESEND_WEBHOOK_SECRET',
      label: 'signing secret of the webhook',
      required: true,
      secret: true,
      pattern: /^whsec_[\w+/=-]{16,200}$/,
      where:
        'resend.com/webhooks > Add webhook, with the event email.received; then its page > Signing secret.',
    },
    {
      name: 'RESEND_UNVERIFIED_SENDERS',
      label: 'refuse or accept',
      required: false,
      secret: false,
      pattern: /^(?:refuse|accept)$/,
      where:
        'Anybody can write any address into a mail. Only mails that the sending domain vouches for are taken in; accept takes in all.',
    },
  ],
  platformId: {
    pattern: /^resend:[^\s@<>"(),:;\\[\]]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,62})\.){1,8}[a-z]{2,24}$/,
    example: 'resend:ada@example.org',
    where: "The person's own e-mail address.",
    aliases: [],
    partial: null,
    isGroup: () => false,
    counterpart: (platformId) => platformId,
    normalizeRest: emailAddressIn,
  },
  sayToBot: "Send it to the agent's address, in a mail with nothing else in it.",
  tellsEdits: false,
  tellsDeletions: false,
  capabilities: {
    threads: true,
    edits: false,
    reactions: false,
    typing: false,
    files: true,
    buttons: false,
    coldDirectMessages: true,
    textLimit: { max: 100_000, unit: 'utf16' },
    idempotency: true,
    history: false,
    waitsForEver: false,
  },
};
