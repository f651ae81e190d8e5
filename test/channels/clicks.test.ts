import { afterAll, describe, expect, it } from 'vitest';
import { createStageOn } from '../system/crash-matrix/stage.js';
import { eventually } from '../system/eventually.js';
import { createCheckout } from './checkout.js';
import { stands } from './clicks/stands.js';

const { root, remove } = createCheckout(['telegram', 'slack', 'gchat', 'teams']);
afterAll(remove);

const NOT_LET_IN = 'I only talk to people who have been added. The person who runs me can add you.';
const NOT_YOURS = 'Only the owner or an admin can answer that question.';
/** In Google Chat a name with a blank stands before it. */
const ASK = `please ;; !call ask_user_question ${JSON.stringify({
  ...{ title: 'Colour', question: 'Which one?', options: ['Red', 'Blue'] },
})}`;

// Who may answer is decided at one place for all channels, by the sender that each of them tells (src/router/wired.ts).
describe.concurrent('a question that is asked in a group', { timeout: 120_000 }, () => {
  it.each(Object.entries(stands))(
    '%s: a click of somebody who is not let in is refused, and that is said; the right one counts',
    async (_, open) => {
      const { platform, adaId, click } = await open();
      const stage = createStageOn(platform, { root });
      try {
        stage.rewire({ unknownSenders: 'known', adminUserId: adaId });
        const host = await stage.start();
        const [chat = stage.terminal] = stage.chats;
        const hears = (part: string) =>
          eventually(() => chat.said().find((text) => text.includes(part)) ?? false, part);
        chat.ask({ text: ASK, sends: [], replies: [] });
        await eventually(() => click('eve', 'Red'), 'the question');
        await hears(NOT_LET_IN);
        click('ada', 'Blue');
        const answered = await hears('was answered by');
        expect(answered).toContain(adaId);
        expect(answered).toContain('Blue');
        await stage.settled();
        expect(chat.said().filter((text) => text.includes('was answered by'))).toHaveLength(1);
        expect(chat.said().filter((text) => text.includes(NOT_LET_IN))).toHaveLength(1);
        expect(await host.stop()).toBe(0);
      } finally {
        await stage.close();
      }
    },
  );

  it.each(Object.entries(stands))(
    '%s: a click of a guest settles nothing that somebody else asked for, whatever name he bears',
    async (_, open) => {
      const { platform, adaId, click } = await open();
      const stage = createStageOn(platform, { root });
      try {
        stage.rewire({ unknownSenders: 'open', adminUserId: adaId });
        const host = await stage.start();
        const [chat = stage.terminal] = stage.chats;
        const hears = (part: string) =>
          eventually(() => chat.said().find((text) => text.includes(part)) ?? false, part);
        chat.ask({ text: ASK, sends: [], replies: [] });
        await eventually(() => click('eve', 'Red'), 'the question');
        await hears(NOT_YOURS);
        click('ada', 'Blue');
        expect(await hears('was answered by')).toMatch(/\(\S+, admin\): "Blue"/);
        await stage.settled();
        expect(chat.said().filter((text) => text.includes('was answered by'))).toHaveLength(1);
        expect(await host.stop()).toBe(0);
      } finally {
        await stage.close();
      }
    },
  );
});
