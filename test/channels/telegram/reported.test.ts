import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { InboundEvent } from '../../../src/channels/adapter.js';
import { useTelegram } from './use.js';

const at = useTelegram();
const fileNames = (event: InboundEvent) => event.attachments.map(({ name }) => name);

describe('inputs from public reports', () => {
  const shown = () => at.host.events.filter(({ kind }) => kind !== 'service');
  // Their ids are made up; the shapes are those of core.telegram.org/bots/api#message.
  const cases: Record<string, object[]> = JSON.parse(
    readFileSync(new URL('./reported.json', import.meta.url), 'utf8'),
  );
  async function all(name: string): Promise<InboundEvent[]> {
    for (const message of cases[name] ?? []) at.stage.fake.updates.push({ message });
    at.stage.say(at.stage.direct, 'that was all');
    await at.host.heard('that was all');
    await at.stage.fake.http.until(() => at.stage.fake.updates.open.length === 0);
    return shown().filter(({ text }) => text !== 'that was all');
  }

  test('a reply to a message that was never seen', async () => {
    const [event] = await all('reply');
    expect(event).toMatchObject({
      mentioned: true,
      replyTo: '-1001234567890:5',
      quoted: { text: 'LONG TEXT BY BOB said before', from: 'Bob', partial: false },
    });
  });

  test('forwarded words', async () => {
    const events = await all('forwarded');
    expect(events.map(({ text, forwarded }) => [text, forwarded?.from])).toEqual([
      ['', 'Airline'],
      ['', 'Mallory'],
    ]);
  });

  test('an album', async () => {
    const events = await all('album');
    expect(events.map(({ text, album }) => [text, album])).toEqual([
      ['these two please', 'g5'],
      ['', 'g5'],
    ]);
    expect(events.flatMap(fileNames)).toHaveLength(2);
  });

  test('a command for another bot', async () => {
    expect(await all('command')).toEqual([]);
  });

  test('service messages', async () => {
    expect(await all('service')).toEqual([]);
    expect(at.host.moves).toEqual([{ from: 'telegram:-4518810793', to: 'telegram:-1002471352452' }]);
  });
});
