import type { ChannelFacts } from './types.js';

export const cliFacts: ChannelFacts = {
  type: 'cli',
  label: 'Terminal',
  idPrefix: 'cli',
  package: null,
  transport: 'local',
  credentials: [],
  platformId: {
    pattern: /^cli:local$/,
    example: 'cli:local',
    where: 'There is one: the terminal of this machine.',
    aliases: [],
    partial: null,
    isGroup: () => false,
    counterpart: () => 'cli:owner',
    normalizeRest: (rest) => rest.toLowerCase(),
  },
  sayToBot: 'Type it into the terminal.',
  capabilities: {
    threads: false,
    edits: true,
    reactions: true,
    typing: true,
    files: true,
    buttons: false,
    coldDirectMessages: true,
    textLimit: { max: 50_000, unit: 'utf16' },
    idempotency: false,
    history: false,
    waitsForEver: true,
  },
};
