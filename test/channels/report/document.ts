import type { ChannelFacts } from '../../../src/channels/catalog/index.js';
import { type ContractTable, markdownTable, renderTable } from './table.js';

const TRANSPORTS: Readonly<Record<ChannelFacts['transport'], string>> = {
  local: 'socket of this machine',
  gateway: 'we connect (gateway)',
  socket: 'we connect (WebSocket)',
  polling: 'we ask (polling)',
  webhook: 'they call (webhook)',
};

const yesNo = (value: boolean) => (value ? 'yes' : '–');

/** `docs/channels.md`: what the catalog states, and what the contract suite showed. */
export function channelsDocument(facts: readonly ChannelFacts[], table: ContractTable): string {
  return `${[
    '# Channels',
    '',
    'Made by `WHARFIE_WRITE_DOCS=1 npm run test:channels` from `src/channels/catalog/index.ts` and from what the contract suite',
    'showed, with the real adapter packages and fakes of the platforms on loopback. Do not edit it by hand.',
    '',
    '## What each is',
    '',
    ...markdownTable(
      ['channel', 'type', 'package', 'how events arrive', 'chat id, for example', 'in `.env`'],
      facts.map((one) => [
        one.label,
        `\`${one.type}\``,
        one.package ? `\`${one.package.name}\` ${one.package.version}` : '–',
        TRANSPORTS[one.transport],
        `\`${one.platformId.example}\``,
        one.credentials.map(({ name }) => `\`${name}\``).join(', ') || '–',
      ]),
    ),
    '',
    '## What each can do',
    '',
    ...markdownTable(
      [
        ...['channel', 'threads', 'edits', 'reactions', 'typing', 'files', 'buttons'],
        ...[
          'writes first',
          'longest message',
          'send is idempotent',
          'history',
          'tells of edits',
          'tells of deletions',
        ],
      ],
      facts.map(({ label, tellsEdits, tellsDeletions, capabilities: can }) => [
        ...[label, yesNo(can.threads), yesNo(can.edits), yesNo(can.reactions), yesNo(can.typing)],
        ...[yesNo(can.files), yesNo(can.buttons), yesNo(can.coldDirectMessages)],
        ...[`${can.textLimit.max} (${can.textLimit.unit})`, yesNo(can.idempotency), yesNo(can.history)],
        ...[yesNo(tellsEdits), yesNo(tellsDeletions)],
      ]),
    ),
    '',
    '## What the contract suite shows',
    '',
    'A case that a platform cannot have has a number instead: the reason stands below.',
    '',
    ...renderTable(table),
  ].join('\n')}\n`;
}
