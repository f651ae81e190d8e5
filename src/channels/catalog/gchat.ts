import type { ChannelFacts } from './types.js';

const CONSOLE = 'console.cloud.google.com, your project';

/** A space's name, also as it stands in a link (`chat.google.com/room/<id>`, `mail.google.com/chat/u/0/#chat/space/<id>`). */
const SPACE =
  /^(?:(?:https?:\/\/)?(?:chat|mail)\.google\.com\/\S{0,100}?\b(?:space|room|dm)\/|spaces\/)([\w-]{6,64})(?:[/:?].*)?$/i;

export const gchatFacts: ChannelFacts = {
  type: 'gchat',
  label: 'Google Chat',
  idPrefix: 'gchat',
  package: { name: '@chat-adapter/gchat', version: '4.41.0' },
  transport: 'webhook',
  credentials: [
    {
      name: 'GCHAT_CREDENTIALS',
      label: 'service account key, its JSON in one line',
      required: true,
      secret: true,
      pattern: /^\{(?=.*"client_email")(?=.*"private_key").*\}$/,
      where: `${CONSOLE} > IAM & Admin > Service Accounts > the app's account > Keys > Add key > Create new key > JSON. The file has to become one line: tr -d '\\r\\n' < key.json`,
    },
    {
      name: 'GCHAT_PROJECT_NUMBER',
      label: 'project number',
      required: true,
      secret: false,
      pattern: /^\d{6,20}$/,
      where: `${CONSOLE} > Cloud overview > Dashboard > Project info > Project number. By it a call of Google Chat is told from any other.`,
    },
  ],
  platformId: {
    pattern: /^gchat:spaces\/[\w-]{6,64}$/,
    example: 'gchat:spaces/AAQAtJd0Pnw',
    where:
      'Write to the app, or mention it in the space, and see what arrives with the step groups --list; it also stands in the address of the space: chat.google.com/room/<id>.',
    aliases: [],
    partial: null,
    normalizeRest(rest) {
      const id = SPACE.exec(rest)?.[1];
      return id === undefined ? null : `spaces/${id}`;
    },
  },
  sayToBot:
    'Send it to the app in a direct message, or write it in a space with a mention of the app, chosen from the list that @ opens: "@<bot> <word>".',
  tellsEdits: false,
  tellsDeletions: false,
  capabilities: {
    threads: true,
    edits: true,
    // Both need the consent of a person, whose name they would bear: an app cannot do them.
    reactions: false,
    files: false,
    typing: false,
    buttons: true,
    coldDirectMessages: false,
    textLimit: { max: 8000, unit: 'byte' },
    idempotency: true,
    history: false,
    waitsForEver: false,
  },
};
