import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { groups } from '../../../setup/groups.js';
import { register } from '../../../setup/register.js';
import { cliSocketPath } from '../../../src/channels/cli/socket-path.js';
import { countDropped } from '../../../src/db/central/dropped-messages.js';
import type { CentralDb } from '../../../src/db/central/index.js';
import { createMessagingGroup } from '../../../src/db/central/messaging-groups.js';
import { newId } from '../../../src/ids.js';
import { createFakeClock } from '../../fakes/clock.js';
import { createInstallation } from './harness.js';

const WIRED = 'discord:1100000000000000001:1200000000000000002';
const SEEN = 'discord:1100000000000000001:1200000000000000003';

/** What the host writes when an unknown chat speaks. */
function speak(db: CentralDb, platformId: string, name: string, at: number): void {
  createMessagingGroup(db, {
    id: newId('mg'),
    channelType: 'discord',
    platformId,
    name,
    isGroup: true,
    adminUserId: null,
    unknownSenderPolicy: 'known',
    lastPlatformMessageId: null,
    lastPlatformAt: null,
    createdAt: at,
  });
  countDropped(db, { channelType: 'discord', platformId }, 'unwired', at);
}

describe('groups', () => {
  it('lists chats, newest first, with the command that registers those that wait', async () => {
    const at = createInstallation();
    await at.run(register, ['--platform-id', WIRED, '--name', 'Family', '--folder', 'fam']);
    speak(at.db(), SEEN, 'Club', Date.now() + 1000);
    const { fields } = await at.run(groups, ['--list']);
    expect(fields).toMatchObject({ COUNT: 2, WIRED: 1, SHOWN: 2 });
    expect(fields.CHATS).toEqual([
      {
        platformId: SEEN,
        channel: 'discord',
        name: 'Club',
        isGroup: true,
        folders: [],
        droppedToday: 1,
        register: expect.stringContaining(`--platform-id "${SEEN}" --name "Club" --folder "club"`),
      },
      expect.objectContaining({ platformId: WIRED, folders: ['fam'] }),
    ]);
    expect((await at.run(groups, ['--list', '--limit', '1'])).fields).toMatchObject({ COUNT: 2, SHOWN: 1 });
  });

  it('needs a running host to discover chats', async () => {
    const at = createInstallation();
    expect(await at.run(groups, ['--discover', 'discord'])).toMatchObject({
      exitCode: 2,
      fields: { ERROR: 'host-not-running' },
    });
  });

  it('names each chat that speaks while it listens, and no other', async () => {
    const at = createInstallation();
    mkdirSync(at.paths.data, { recursive: true });
    const host = createServer().listen(cliSocketPath(at.paths.data));
    onTestFinished(() => void host.close());
    const db = at.db();
    const clock = createFakeClock(Date.now());
    speak(db, WIRED, 'Said something before', clock.now());
    let run: ReturnType<typeof at.run> | undefined;
    await new Promise<void>((listening) => {
      run = at.run(groups, ['--discover', 'discord', '--wait', '600'], {
        clock,
        say: (line) => (line.includes('Listening') ? listening() : undefined),
      });
    });
    speak(db, SEEN, 'Club', clock.now());
    // It ends soon after the last one spoke, whatever time was left.
    await clock.advance(8000);
    expect(await run).toMatchObject({
      exitCode: 0,
      fields: {
        COUNT: 1,
        CHATS: [{ platformId: SEEN, name: 'Club', register: expect.stringContaining('register') }],
      },
    });
  });

  it.each([
    ['nothing to do', [], 'missing-flag'],
    ['no chats at all', ['--list', '--limit', '0'], 'invalid-value'],
    ['an unknown channel', ['--discover', 'icq'], 'unknown-channel'],
  ])('refuses %s with exit 4', async (_, argv, code) => {
    expect(await createInstallation().run(groups, argv)).toMatchObject({
      exitCode: 4,
      fields: { ERROR: code },
    });
  });
});
