import { useStage } from '../contract/use-stage.js';
import { openTelegram } from '../telegram.js';
import { type BOB, createPackets } from './words.js';

/** Telegram, connected, and what people send there. */
export function useTelegram() {
  const at = useStage(openTelegram);
  const packets = () => createPackets(at.stage.fake);
  return {
    get stage() {
      return at.stage;
    },
    get host() {
      return at.host;
    },
    get packets() {
      return packets();
    },
    /** The event that comes of a message with these fields. */
    async eventOf(fields: object, options: { from?: typeof BOB; direct?: true } = {}) {
      const { world } = at.stage.fake;
      const before = at.host.events.length;
      packets().send(options.direct ? world.direct : world.family, fields, options.from);
      return at.host.until(() => at.host.events[before]);
    },
  };
}
