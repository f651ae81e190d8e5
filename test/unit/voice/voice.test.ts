import { expect, it } from 'vitest';
import { createSay, createVoice, type HostVoice, sentences } from '../../../src/voice/index.js';
import { createFakeChannel } from '../../fakes/chat-channel.js';
import { createMemoryLog } from '../../fakes/log.js';
import { workspace } from '../session-manager/workspace.js';

const to = { channelType: 'fake', platformId: 'fake:1', threadId: '' };
const text = sentences.people.notConnected();

function setUp(durable: HostVoice['durable'] = async () => true) {
  const { db, clock, manager } = workspace();
  const { log, lines } = createMemoryLog();
  const channel = createFakeChannel({ clock, capabilities: {}, max: 100 });
  const channels = new Map([['fake', channel.adapter]]);
  const say = createSay({ clock, channels });
  const voice = createVoice({ db, clock, log, sessions: manager, durable, say });
  const said = () => channel.arrived.map((one) => one.said);
  return { clock, lines, channel, channels, say, voice, said };
}

it('says at once, and logs what could not be said', async () => {
  const { clock, lines, channels, voice, said } = setUp();
  voice.now(to, text);
  await clock.advance(0);
  expect(said()).toEqual([text]);
  channels.clear();
  voice.now(to, text);
  await clock.advance(0);
  expect(JSON.stringify(lines)).toContain('host answer not delivered');
});

it('gives up a channel that does not answer, by the clock', async () => {
  const { clock, channels, channel, say } = setUp();
  let signal: AbortSignal | undefined;
  channels.set('fake', {
    ...channel.adapter,
    deliver: (request) =>
      new Promise((_resolve, reject) => {
        signal = request.signal;
        request.signal.addEventListener('abort', () => reject(new Error('too slow')));
      }),
  });
  const saying = say(to, text).catch((error: unknown) => String(error));
  await clock.advance(9_999);
  expect(signal?.aborted).toBe(false);
  await clock.advance(1);
  expect(await saying).toContain('too slow');
});

it('tells of the same trouble once an hour, and somebody who is not let in twice in all', async () => {
  const { clock, voice, said } = setUp();
  for (let n = 0; n < 3; n += 1) voice.trouble(to, 'full', text);
  voice.trouble({ ...to, platformId: 'fake:2' }, 'full', text);
  await clock.advance(0);
  expect(said()).toHaveLength(2);
  await clock.advance(3_600_000);
  voice.trouble(to, 'full', text);
  const answered = [1, 2, 3].map(() => voice.refused(to, 'fake:eve', text));
  await clock.advance(0);
  expect(answered).toEqual([true, true, false]);
  expect(said()).toHaveLength(5);
});

it('tells a step that a channel does not take it', async () => {
  const { channels, voice } = setUp();
  channels.clear();
  await expect(voice.post(to, 'hello')).rejects.toMatchObject({ code: 'channel-not-enabled' });
});
