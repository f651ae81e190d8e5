import { channelOf } from '../src/channels/catalog/index.js';
import { RegistrationError } from '../src/people/registration/index.js';
import { shownName } from '../src/shown-name.js';
import { type FlagSpec, type FlagValues, UsageError } from './lib/flags.js';
import { withInstallation } from './lib/installation.js';
import type { Step } from './lib/step.js';

const flags: FlagSpec[] = [
  { name: 'platform-id', kind: 'value', required: true, hint: '<id>', help: "the chat's id" },
  { name: 'channel', kind: 'value', hint: '<type>', help: "the channel; else the id's prefix tells it" },
  { name: 'folder', kind: 'value', hint: '<folder>', help: 'which agent group, where several are wired' },
];

export const unregister: Step = {
  name: 'unregister',
  class: 'grants',
  summary: 'takes the wiring between a chat and an agent group away; all files and conversations are kept',
  flags,
  async run(values, context) {
    const chat = chatOf(values);
    return withInstallation(context, ({ registration }) => {
      try {
        const { messagingGroup, folder } = registration.unregister(chat);
        const { platformId, channelType, name } = messagingGroup;
        const fields = {
          PLATFORM_ID: platformId,
          CHANNEL: channelType,
          NAME: shownName(name),
          FOLDER: folder,
        };
        return { status: 'success', fields: { RESULT: 'removed', ...fields } };
      } catch (error) {
        if (!(error instanceof RegistrationError) || error.code !== 'not-registered') throw error;
        return { status: 'skipped', fields: { RESULT: 'not-registered', NOTE: error.message } };
      }
    });
  },
};

function chatOf(flags: FlagValues): { channelType: string; platformId: string; folder?: string } {
  const platformId = flags.need('platform-id');
  const channelType = flags.value('channel') ?? channelOf(platformId);
  if (channelType === null) {
    const message = `The id ${JSON.stringify(platformId)} does not tell its channel.`;
    throw new UsageError('unknown-channel', message, 'Add --channel <type>.');
  }
  const folder = flags.value('folder');
  return { channelType, platformId, ...(folder !== undefined && { folder }) };
}
