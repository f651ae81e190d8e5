import { type Command, everybody } from './types.js';

/** `/again`: sends once more what may not have arrived in this chat and thread. */
export const again: Command = {
  mayUse: everybody,
  async run({ session }, { to }, { delivery }) {
    const parts = await delivery.again(session.id, to);
    return parts > 0 ? null : 'As far as I know everything has arrived here.';
  },
};
