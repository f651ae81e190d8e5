import { createStageFile } from '../mcp-tools/stage-file.ts';
import { type ToolContext, ToolError } from '../mcp-tools/types.ts';
import type { PathMap } from '../paths.ts';
import { lastMessage, sameAddress, type Turn } from '../turn.ts';
import { commit } from './commit.ts';
import type { Loop } from './context.ts';

/** The tools' view of the loop: what they may read, and `say` as the one way to write. */
export function createToolContext(
  loop: Loop,
  deps: { map: PathMap; filesOut: string; timeZone: string },
): ToolContext {
  const turn = (): Turn => {
    if (!loop.turn) throw new ToolError('This turn has been stopped; nothing more can be done in it.');
    return loop.turn;
  };
  return {
    turn,
    inbound: loop.inbound,
    outbox: loop.store.outbox,
    newId: loop.newId,
    now: () => loop.clock.now(),
    timeZone: deps.timeZone,
    stageFile: createStageFile(deps),
    staySilent(reason) {
      turn();
      // In the order in which things happened: a message that is taken in later is not meant.
      loop.mailbox.post({ generation: loop.generation, event: { type: 'silence', reason } });
    },
    async say(row) {
      const current = turn();
      const address = row.address ?? current.address;
      const inReplyTo = lastMessage(current.pushes)?.id ?? null;
      const written = await commit(loop, () => {
        // It may have waited for a lock meanwhile.
        if (loop.turn?.id !== current.id) throw new ToolError('This turn has ended.');
        return loop.store.outbox.append({ turnId: current.id, inReplyTo, ...row, address }, current.lastSeq);
      });
      if (row.kind === 'chat' && sameAddress(address, current.address)) turn().spoke = true;
      loop.crash('runner:mid-turn-after-send');
      return written;
    },
  };
}
