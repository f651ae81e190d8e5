import { describe, expect, it } from 'vitest';
import { judgeBacklog } from '../../../../setup/verify/backlog.js';
import { judgeChannel } from '../../../../setup/verify/channels.js';
import { judgeContainers } from '../../../../setup/verify/containers.js';
import { judgeInstallation } from '../../../../setup/verify/installation.js';
import { judgeMachine } from '../../../../setup/verify/machine.js';
import { judgeAnswerer, judgeRoundTrip } from '../../../../setup/verify/round-trip.js';
import type { Finding } from '../../../../setup/verify/types.js';
import { judgeWiring } from '../../../../setup/verify/wiring.js';
import type { Status } from '../../../../src/status.js';
import { backlog, channel, container, installation, machine, problem, troubled, wiring } from './healthy.js';

/** A misconfiguration, what must be named, how bad it is, and a part of the cure. */
type Case = [found: Finding[], id: string, severity: Finding['severity'], fix: string];

const NONCE = 'check-00ff';
const said = (...texts: string[]) => texts;

describe('a healthy installation', () => {
  it('has no finding', () => {
    expect([
      ...judgeMachine(machine()),
      ...judgeInstallation(installation()),
      ...judgeChannel(channel()),
      ...judgeWiring(wiring()),
      ...judgeRoundTrip({ end: 'done', said: [NONCE] }, NONCE),
      ...judgeAnswerer('claude', 1),
      ...judgeAnswerer('mock', 0),
      ...judgeContainers([container()], ['sk-secret-value']),
      ...judgeBacklog(backlog()),
    ]).toEqual([]);
  });

  it('is silent about channels that nobody has asked for', () => {
    const untouched = { line: 'off', remembered: false, present: [], installed: null, wired: 0 } as const;
    expect(judgeChannel(channel(untouched))).toEqual([]);
  });

  it('does not hold a missing engine against a terminal that only has the mock', () => {
    const docker = problem('docker-not-found');
    expect(judgeMachine(machine({ docker, needsDocker: false }))[0]?.severity).toBe('warning');
  });
});

describe('each misconfiguration is named, with its cure', () => {
  const machineCases: Case[] = [
    [judgeMachine(machine({ node: '18.20.0' })), 'node-too-old', 'error', 'Node 24'],
    [judgeMachine(machine({ dataWritable: false })), 'data-not-writable', 'error', 'chown'],
    [judgeMachine(machine({ freeBytes: 1e7 })), 'disk-full', 'error', 'Free'],
    [judgeMachine(machine({ freeBytes: 5e8 })), 'disk-low', 'warning', 'Free'],
    [judgeMachine(machine({ docker: problem('docker-not-running') })), 'docker-not-running', 'error', 'cure'],
    [judgeMachine(machine({ clockSkewMs: -600_000 })), 'clock-wrong', 'warning', 'timedatectl'],
  ];
  const differing = [{ name: 'zod', wanted: '4.0.0', found: null }];
  const installationCases: Case[] = [
    [judgeInstallation(installation({ differing })), 'packages-differ', 'error', 'npm ci'],
    [judgeInstallation(installation({ envMode: 0o644 })), 'env-readable', 'warning', 'chmod 600'],
    [
      judgeInstallation(installation({ database: problem('database-newer') })),
      'database-newer',
      'error',
      'cure',
    ],
    [
      judgeInstallation(installation({ barrel: problem('barrel-damaged') })),
      'barrel-damaged',
      'error',
      'cure',
    ],
    [judgeInstallation(installation({ image: problem('image-stale') })), 'image-stale', 'error', 'cure'],
    [
      judgeInstallation(installation({ service: problem('service-name-taken') })),
      'service-name-taken',
      'warning',
      'cure',
    ],
    ...['update-unfinished', 'restore-unfinished'].map((id): Case => {
      return [judgeInstallation(installation({ unfinished: problem(id) })), id, 'error', 'cure'];
    }),
    [
      judgeInstallation(installation({ service: problem('service-twice') })),
      'service-twice',
      'warning',
      'cure',
    ],
    [judgeInstallation(installation({ hostRunning: false })), 'host-not-running', 'error', '--step service'],
  ];
  const off = { line: 'off', health: null } as const;
  const refused = [{ name: 'TELEGRAM_BOT_TOKEN', message: 'no', fix: 'make a new one' }];
  const health = { channelType: 'discord', state: 'failed', detail: 'closed', fix: '' } as const;
  const channelCases: Case[] = [
    [judgeChannel(channel(off)), 'channel-not-enabled', 'error', '--enable'],
    [
      judgeChannel(channel({ ...off, wired: 0, remembered: true })),
      'channel-line-off',
      'warning',
      '--enable',
    ],
    [
      judgeChannel(channel({ ...off, wired: 0, remembered: false })),
      'channel-token-unused',
      'warning',
      '--enable',
    ],
    [judgeChannel(channel({ installed: null })), 'channel-package-missing', 'error', 'npm ci'],
    [judgeChannel(channel({ installed: '0.0.1' })), 'channel-package-version', 'error', 'npm ci'],
    [judgeChannel(channel({ present: [] })), 'channel-credential-missing', 'error', '--auth'],
    [judgeChannel(channel({ present: [], wired: 0 })), 'channel-credential-missing', 'warning', '--auth'],
    [
      judgeChannel(channel({ malformed: ['DISCORD_BOT_TOKEN'] })),
      'channel-credential-malformed',
      'error',
      '--auth',
    ],
    [judgeChannel(channel({ problems: refused })), 'channel-credential-refused', 'error', 'make a new one'],
    [
      judgeChannel(channel({ problems: refused.map((one) => ({ ...one, accepted: true })) })),
      'channel-setting-missing',
      'error',
      'make a new one',
    ],
    [judgeChannel(channel({ health })), 'channel-not-connected', 'error', '--step service'],
    [judgeChannel(channel({ wired: 0 })), 'channel-not-wired', 'error', '--step pair'],
  ];
  const chat = {
    platformId: 'discord:1:2',
    channelType: 'discord',
    normalized: 'discord:1:2',
    providers: ['claude'],
  };
  const mock = {
    ...chat,
    platformId: 'cli:local',
    channelType: 'cli',
    normalized: 'cli:local',
    providers: ['mock'],
  };
  const group = { folder: 'family', chats: 1, folderExists: true };
  const unwired = [{ platformId: 'discord:1:3', name: 'New', register: '--step register' }];
  const wiringCases: Case[] = [
    [judgeWiring(wiring({ chats: [] })), 'nothing-wired', 'error', '--list'],
    [judgeWiring(wiring({ chats: [mock], enabledChannels: 1 })), 'only-mock', 'error', 'credentials'],
    [
      judgeWiring(wiring({ chats: [{ ...chat, providers: ['mock'] }, chat] })),
      'mock-on-platform',
      'error',
      'unregister',
    ],
    [judgeWiring(wiring({ chats: [{ ...chat, normalized: null }] })), 'platform-id-wrong', 'error', '--list'],
    [
      judgeWiring(wiring({ bad: ['trigger_rules of wiring x is no JSON.'] })),
      'wiring-unusable',
      'error',
      'register',
    ],
    [judgeWiring(wiring({ dangling: 2 })), 'wiring-dangling', 'error', '--fix'],
    [
      judgeWiring(wiring({ agentGroups: [{ ...group, chats: 0 }] })),
      'agent-group-unwired',
      'warning',
      '--folder family',
    ],
    [
      judgeWiring(wiring({ agentGroups: [{ ...group, folderExists: false }] })),
      'group-folder-missing',
      'warning',
      '--fix',
    ],
    [
      judgeWiring(wiring({ mounts: [{ message: 'm', fix: '--step mounts' }] })),
      'mount-refused',
      'warning',
      'mounts',
    ],
    [judgeWiring(wiring({ hasMain: false })), 'no-main-group', 'warning', '--is-main'],
    [judgeWiring(wiring({ hasOwner: false })), 'no-owner', 'warning', '--role owner'],
    [judgeWiring(wiring({ unwired })), 'chat-not-wired', 'warning', '--step register'],
  ];
  const tripCases: Case[] = [
    [judgeAnswerer('mock', 2), 'round-trip-by-mock', 'error', '--step service'],
    [
      judgeRoundTrip({ end: 'waiting', said: said('Docker is down.') }, NONCE),
      'round-trip-waiting',
      'error',
      'log',
    ],
    [judgeRoundTrip({ end: 'failed', said: [] }, NONCE), 'round-trip-failed', 'error', 'log'],
    [judgeRoundTrip({ end: 'refused', said: said('disk') }, NONCE), 'round-trip-refused', 'error', 'log'],
    [judgeRoundTrip({ end: 'lost', said: [] }, NONCE), 'round-trip-lost', 'error', 'log'],
    [judgeRoundTrip({ end: 'late', said: [] }, NONCE), 'round-trip-late', 'error', 'log'],
    [judgeRoundTrip({ end: 'done', said: [] }, NONCE), 'round-trip-silent', 'error', 'log'],
    [
      judgeRoundTrip({ end: 'done', said: said('Hello!') }, NONCE),
      'round-trip-odd',
      'warning',
      'npm run chat',
    ],
  ];
  const secret = 'sk-secret-value';
  const leaking = container({ environment: [`ANTHROPIC_API_KEY=${secret}`] });
  const list = (state: Status['troubled'][number]['state']) =>
    judgeBacklog(backlog({ troubled: [troubled(state)] }));
  const otherCases: Case[] = [
    [
      judgeContainers([container({ networkMode: 'bridge' })], [secret]),
      'container-weak',
      'error',
      'docker rm',
    ],
    [judgeContainers([container({ privileged: true })], [secret]), 'container-weak', 'error', 'docker rm'],
    [judgeContainers([leaking], [secret]), 'secret-in-container', 'error', 'docker rm'],
    [list('dead'), 'deliveries-dead', 'warning', '--state dead'],
    [list('unknown'), 'deliveries-unknown', 'warning', '--state unknown'],
    [list('late'), 'deliveries-late', 'warning', '--state late'],
    [judgeBacklog(backlog({ oldestWaitingMs: 3_600_000 })), 'messages-waiting', 'warning', '--step status'],
    [judgeBacklog(backlog({ staleClaims: ['ses_1'] })), 'claims-stale', 'warning', '--step service'],
    [judgeBacklog(backlog({ unreadable: ['ses_1'] })), 'session-unreadable', 'warning', 'backup'],
  ];
  const all = [
    ...machineCases,
    ...installationCases,
    ...channelCases,
    ...wiringCases,
    ...tripCases,
    ...otherCases,
  ];

  it.each(all.map(([found, id, severity, fix]) => ({ found, id, severity, fix })))(
    '$id ($severity)',
    ({ found, id, severity, fix }) => {
      expect(found.map((one) => [one.id, one.severity])).toEqual([[id, severity]]);
      expect(found[0]?.fix).toContain(fix);
      expect(found[0]?.message).not.toContain('\n');
    },
  );

  it('says no secret that it found', () => {
    expect(JSON.stringify(judgeContainers([leaking], [secret]))).not.toContain(secret);
  });
});
