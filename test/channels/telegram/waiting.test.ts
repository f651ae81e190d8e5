import { afterEach, beforeEach, describe, test } from 'vitest';
import { createRecordingHost, type RecordingHost } from '../contract/stage.js';
import { openTelegram, type TelegramStage } from '../telegram.js';

let stage: TelegramStage;
let host: RecordingHost;
beforeEach(async () => {
  stage = await openTelegram();
  host = createRecordingHost();
});
afterEach(async () => {
  await stage.adapter.stop();
  await stage.close();
});

const group = () => stage.group ?? stage.direct;

describe('an update that waits', () => {
  test('what waits on disk stays there until it is taken in, whatever else comes after a restart', async () => {
    await stage.adapter.start(host);
    host.refuse(1000, (event) => event.platformId === group().platformId);
    stage.say(group(), 'stuck');
    stage.say(stage.direct, 'flows');
    await host.heard('flows');
    await stage.fake.http.until(() => stage.fake.updates.open.length === 0);
    await stage.adapter.stop();
    const second = stage.again();
    const slow = createRecordingHost();
    const { receive } = slow;
    slow.receive = (event) => (event.text === 'stuck' ? new Promise(() => {}) : receive(event));
    stage.say(stage.direct, 'flows again');
    await second.start(slow);
    await slow.heard('flows again');
    await stage.fake.http.until(() => stage.fake.updates.open.length === 0);
    await second.stop();
    const later = createRecordingHost();
    await stage.again().start(later);
    await later.heard('stuck');
  });

  test('a chat that is slow to be taken in holds up no other', async () => {
    await stage.adapter.start(host);
    const { receive } = host;
    host.receive = (event) => (event.text === 'slow' ? new Promise(() => {}) : receive(event));
    stage.say(group(), 'slow');
    stage.say(stage.direct, 'flows');
    await host.heard('flows');
    stage.say(stage.direct, 'flows again');
    await stage.clock.advance(5000);
    await host.heard('flows again');
    // On disk, since Telegram has been told.
    await stage.fake.http.until(() => stage.fake.updates.open.length === 0);
    await stage.adapter.stop();
    const later = createRecordingHost();
    await stage.again().start(later);
    await later.heard('slow');
  });
});
