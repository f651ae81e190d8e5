import { describe, expect, it } from 'vitest';
import { judgeBacklog } from '../../../../setup/verify/backlog.js';
import { judgeChannel } from '../../../../setup/verify/channels.js';
import { judgeChats } from '../../../../setup/verify/chats.js';
import { judgeContainers } from '../../../../setup/verify/containers.js';
import { judgeDoors } from '../../../../setup/verify/doors.js';
import { judgeHost } from '../../../../setup/verify/host-about.js';
import { judgeInstallation } from '../../../../setup/verify/installation.js';
import { judgeMachine } from '../../../../setup/verify/machine.js';
import { judgeAnswerer, judgeRoundTrip } from '../../../../setup/verify/round-trip.js';
import { judgeServices, type ServiceFacts } from '../../../../setup/verify/service.js';
import type { Finding } from '../../../../setup/verify/types.js';
import { judgeWiring } from '../../../../setup/verify/wiring.js';
import type { ChatAnswer } from '../../../../src/channels/cli/protocol.js';
import type { Status } from '../../../../src/host/status.js';
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
    [judgeMachine(machine({ dataWritable: false, readOnly: true })), 'data-read-only', 'error', 'remount,rw'],
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
    [
      judgeInstallation(installation({ hostRunning: false })),
      'host-not-running',
      'error',
      './wharfie service',
    ],
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
    [judgeChannel(channel({ installed: null })), 'channel-package-missing', 'error', '--enable'],
    [judgeChannel(channel({ installed: '0.0.1' })), 'channel-package-version', 'error', '--enable'],
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
    [judgeChannel(channel({ health: 'not-loaded' })), 'channel-not-loaded', 'error', './wharfie service'],
    [
      judgeChannel(channel({ health: { ...health, fix: './wharfie channel --enable discord' } })),
      'channel-package-late',
      'error',
      './wharfie service',
    ],
    [
      judgeChannel(channel({ problems: refused.map((one) => ({ ...one, unreachable: true })) })),
      'channel-unreachable',
      'error',
      './wharfie verify',
    ],
    [judgeChannel(channel({ health })), 'channel-not-connected', 'error', './wharfie service'],
    [judgeChannel(channel({ wired: 0 })), 'channel-not-wired', 'error', './wharfie pair'],
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
  const group = {
    folder: 'family',
    chats: 1,
    isMain: false,
    files: 'data/groups/family',
    folderExists: true,
  };
  const unwired = [{ platformId: 'discord:1:3', name: 'New', register: './wharfie register' }];
  const wiringCases: Case[] = [
    [judgeWiring(wiring({ chats: [] })), 'nothing-wired', 'error', '--list'],
    [judgeWiring(wiring({ chats: [mock], enabledChannels: 1 })), 'only-mock', 'error', 'credentials'],
    [
      judgeWiring(wiring({ chats: [{ ...chat, providers: ['mock'] }, chat] })),
      'mock-on-platform',
      'error',
      'unregister',
    ],
    [judgeWiring(wiring({ chats: [{ ...chat, normalized: null }] })), 'platform-id-wrong', 'error', '--fix'],
    [
      judgeWiring(
        wiring({ bad: [{ platformId: 'discord:1:2', folder: 'family', fix: './wharfie register --x' }] }),
      ),
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
      judgeWiring(wiring({ misplaced: [{ code: 'agent-folder-twice', message: 'm', fix: 'mv a b' }] })),
      'agent-folder-twice',
      'warning',
      'mv',
    ],
    [
      judgeWiring(wiring({ mounts: [{ message: 'm', fix: './wharfie mounts' }] })),
      'mount-refused',
      'warning',
      'mounts',
    ],
    [
      judgeWiring(wiring({ wideLists: [{ folder: 'fam', wide: ['*.com'], kept: ['example.org'] }] })),
      'egress-too-wide',
      'warning',
      '--folder fam --egress list:example.org',
    ],
    [
      judgeWiring(wiring({ wideLists: [{ folder: 'fam', wide: ['*.com'], kept: [] }] })),
      'egress-too-wide',
      'warning',
      '--folder fam --egress model',
    ],
    [
      judgeWiring(wiring({ badGroups: [{ folder: 'family', message: 'It is not JSON.' }] })),
      'agent-group-unusable',
      'error',
      '--fix',
    ],
    [
      judgeWiring(wiring({ agentGroups: [{ ...group, chats: 0, isMain: true }] })),
      'main-group-unwired',
      'warning',
      '--is-main',
    ],
    [judgeWiring(wiring({ hasMain: false })), 'no-main-group', 'warning', '--is-main'],
    [judgeWiring(wiring({ hasOwner: false })), 'no-owner', 'warning', '--role owner'],
    [judgeWiring(wiring({ unwired })), 'chat-not-wired', 'warning', './wharfie register'],
  ];
  const tripCases: Case[] = [
    [judgeAnswerer('mock', 2), 'round-trip-by-mock', 'error', './wharfie service'],
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
  const about = { startedAt: 0, node: '24.0.0', terminalOnly: false, settings: {}, fromEnvironment: [] };
  const host = { about, newer: null, notInForce: [], restart: './wharfie service' };
  const service: ServiceFacts = {
    ...{ name: 'wharfie', program: '/usr/bin/node', node: { state: 'version', version: '24.0.0' } },
    ...{ enabled: true, active: true, hostRunning: true },
  };
  const chatSaid = (answer: ChatAnswer) => ({
    asked: [{ chat: { channelType: 'discord', platformId: 'discord:1:2', name: 'Family' }, answer }],
    rest: {},
  });
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
    [
      judgeBacklog(backlog({ oldestWaitingMs: 3_600_000 })),
      'messages-waiting',
      'warning',
      './wharfie status',
    ],
    [judgeBacklog(backlog({ setAside: 1 })), 'messages-set-aside', 'warning', './wharfie messages'],
    [judgeBacklog(backlog({ staleClaims: ['ses_1'] })), 'claims-stale', 'warning', './wharfie service'],
    [judgeBacklog(backlog({ givingUp: ['family'] })), 'messages-given-up', 'warning', '--memory'],
    [
      judgeDoors([{ name: 'wharfie-x', open: false, end: async () => {} }]),
      'container-deaf',
      'error',
      '--fix',
    ],
    [judgeHost({ ...host, about: null }), 'host-older', 'warning', './wharfie service'],
    [judgeHost({ ...host, newer: 'src/router.ts' }), 'host-older', 'warning', './wharfie service'],
    [
      judgeHost({ ...host, notInForce: [{ name: 'TZ', wanted: 'UTC', found: 'Europe/Berlin' }] }),
      'setting-not-in-force',
      'warning',
      './wharfie service',
    ],
    [judgeServices([{ ...service, node: { state: 'gone' } }]), 'service-node-gone', 'warning', 'service'],
    [
      judgeServices([{ ...service, node: { state: 'version', version: '18.20.0' } }]),
      'service-node-old',
      'warning',
      'service',
    ],
    [judgeServices([{ ...service, enabled: false }]), 'service-not-enabled', 'warning', 'service'],
    [judgeServices([{ ...service, active: false }]), 'service-not-active', 'warning', 'Ctrl+C'],
    [judgeChats(chatSaid({ state: 'not-found' })), 'chat-not-found', 'error', 'unregister'],
    [
      judgeChats(chatSaid({ state: 'not-asked', why: 'it answers 502' })),
      'chat-not-asked',
      'warning',
      '--live',
    ],
    [judgeChats({ asked: [], rest: { discord: 3 } }), 'chat-not-asked', 'warning', '--live'],
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
