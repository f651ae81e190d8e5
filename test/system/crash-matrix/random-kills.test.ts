import { expect, it } from 'vitest';
import { runCampaign } from './random-kills.js';

it('forty messages in four chats, killed at six moments: nothing lost, doubled or out of order', async () => {
  const lines: string[] = [];
  const result = await runCampaign({
    seed: 7,
    chats: 3,
    messages: 40,
    kills: 6,
    tell: (line) => lines.push(line),
  });
  const nothing = { lost: 0, doubled: 0, outOfOrder: 0, open: 0, dead: 0, failed: 0 };
  expect(result, lines.join('\n')).toMatchObject(nothing);
}, 120_000);
