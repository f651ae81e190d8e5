import type { ChannelRegistry } from '../channels/registry/index.js';
import type { SetAside } from '../db/central/set-aside.js';
import { jsonOf } from '../json.js';
import type { Router } from '../router.js';

/** Takes in anew what was set aside, where it failed. Rejects where nothing was kept that could be taken in. */
export async function retakeSetAside(
  { registry, router }: { registry: Pick<ChannelRegistry, 'get'>; router: Pick<Router, 'retake'> },
  { stage, packet, channelType, platformId, platformMessageId }: SetAside,
): Promise<'taken' | 'later'> {
  if (packet === null) throw new Error('it was too large to be kept');
  if (stage === 'event') {
    await router.retake({ channelType, platformId, platformMessageId, event: packet });
    return 'taken';
  }
  const adapter = registry.get(channelType);
  if (adapter?.health().state !== 'connected') return 'later';
  if (!adapter.retake) throw new Error(`the channel ${channelType} cannot take a message in anew`);
  await adapter.retake(jsonOf(packet));
  return 'taken';
}
