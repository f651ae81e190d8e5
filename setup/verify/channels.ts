import { type ChannelFacts, missingCredentials } from '../../src/channels/catalog/index.js';
import type { ChannelState } from '../../src/channels/cli/protocol.js';
import type { CredentialProblem } from '../../src/channels/module.js';
import type { Finding } from './types.js';

/** What is so of one channel of the catalog. */
export interface ChannelSituation {
  facts: ChannelFacts;
  /** Its line in the barrel: it counts, is commented out, or is not there. */
  line: 'on' | 'off' | 'none';
  /** `channel --enable` was run for it. */
  remembered: boolean;
  /** Version in `node_modules`; null: not there. */
  installed: string | null;
  /** Of its credentials those that have a value, and those whose value is none by its form. */
  present: readonly string[];
  malformed: readonly string[];
  /** What the platform says about the credentials; null: it was not asked. */
  problems: readonly CredentialProblem[] | null;
  /** What the running host says; `not-loaded`: that it has no such channel; null: none was asked. */
  health: ChannelState | 'not-loaded' | null;
  /** How the host is started anew. */
  restart?: string;
  /** Its chats that are wired. */
  wired: number;
}

const step = (name: string, flags: string) => `./wharfie ${name} ${flags}`;

export function judgeChannel(situation: ChannelSituation): Finding[] {
  const { facts, line, wired } = situation;
  const { type, label } = facts;
  // A channel that no chat uses yet keeps nobody waiting.
  const finding = (
    id: string,
    message: string,
    fix: string,
    severity: Finding['severity'] = wired > 0 ? 'error' : 'warning',
  ): Finding => ({ id, layer: 'channels', severity, message, fix });
  const enable = step('channel', `--enable ${type}`);
  if (line !== 'on') {
    if (wired > 0)
      return [
        finding(
          'channel-not-enabled',
          `${wired} chats of ${label} are wired, but ${label} is not enabled.`,
          enable,
        ),
      ];
    if (situation.remembered) {
      return [
        finding(
          'channel-line-off',
          `${label} was enabled, but its line in src/channels/index.ts is off.`,
          enable,
        ),
      ];
    }
    if (missingOf(situation).length > 0 || facts.credentials.length === 0) return [];
    return [finding('channel-token-unused', `${label} has its credentials, but is not enabled.`, enable)];
  }
  const found = [...judgePackage(situation, finding), ...judgeCredentials(situation, finding)];
  const stops = found.some((one) => one.id !== 'channel-package-version' && one.id !== 'channel-unreachable');
  if (!stops) found.push(...judgeHealth(situation, finding));
  if (wired === 0 && !stops) {
    const fix = `${step('pair', `--channel ${type} --folder <folder> --name "<name>"`)} (or the skill /register-groups)`;
    found.push(
      finding('channel-not-wired', `${label} is set up, but none of its chats is registered.`, fix, 'error'),
    );
  }
  return found;
}

/** What the running host says of it. */
function judgeHealth(
  { facts, health, installed, restart = './wharfie service' }: ChannelSituation,
  finding: Say,
): Finding[] {
  const { type, label } = facts;
  if (health === null) return [];
  if (health === 'not-loaded') {
    const message = `${label} is enabled, and the host that runs was started before that: it does not have it.`;
    return [{ ...finding('channel-not-loaded', message, restart), restart: true }];
  }
  if (health.state === 'connected') return [];
  const why = health.detail ? `: ${health.detail}` : '';
  // A failed import stays one for as long as the process lives.
  const isLate = health.fix === step('channel', `--enable ${type}`) && installed !== null;
  if (isLate) {
    const message = `The package for ${label} was installed after the host was started, which still goes without it.`;
    return [{ ...finding('channel-package-late', message, restart), restart: true }];
  }
  const message = `${label} is not connected (${health.state}${why}).`;
  return [finding('channel-not-connected', message, commandFirst(health.fix, `${label}`) || restart)];
}

/** A fix of the platform's own page is followed by the step that takes it up. */
function commandFirst(fix: string, label: string): string {
  return fix && !fix.includes('./wharfie') && /^Nothing to do/.test(fix)
    ? `Wait until ${label} can be reached again; it is tried by itself. Then: ./wharfie verify`
    : fix;
}

type Say = (id: string, message: string, fix: string) => Finding;

function judgePackage({ facts, installed }: ChannelSituation, finding: Say): Finding[] {
  const wanted = facts.package;
  if (!wanted || installed === wanted.version) return [];
  const fix = `${step('channel', `--enable ${facts.type}`)} (which installs it, as npm ci does)`;
  if (installed === null) {
    return [
      finding('channel-package-missing', `${facts.label} needs ${wanted.name}, which is not installed.`, fix),
    ];
  }
  const message = `${facts.label} needs ${wanted.name} ${wanted.version}; ${installed} is installed.`;
  return [finding('channel-package-version', message, fix)];
}

function judgeCredentials(situation: ChannelSituation, finding: Say): Finding[] {
  const { facts, malformed, problems } = situation;
  const { type, label } = facts;
  const auth = `${step('channel', `--auth ${type}`)} (in a terminal of your own)`;
  const unused =
    situation.wired > 0 ? '' : `; or, if you do not use it: ${step('channel', `--disable ${type}`)}`;
  const missing = missingOf(situation);
  if (missing.length > 0) {
    return [
      finding('channel-credential-missing', `${label} needs ${missing.join(', ')}.`, `${auth}${unused}`),
    ];
  }
  if (malformed.length > 0) {
    const message = `${label}: ${malformed.join(', ')} does not look as it should.`;
    return [finding('channel-credential-malformed', message, auth)];
  }
  return (problems ?? []).map((problem) => {
    const message = `${label}, ${problem.name}: ${problem.message}`;
    if (problem.unreachable) {
      const fix = `Check this machine's network and that ${label} is up, then run: ./wharfie verify`;
      return finding('channel-unreachable', message, fix);
    }
    if (problem.accepted) {
      const fix = `${problem.fix.replace(/\.$/, '')}. Then: ${step('channel', `--auth ${type} --check`)}`;
      return finding('channel-setting-missing', message, fix);
    }
    const page = problem.fix ? `; its place: ${problem.fix}` : '';
    return finding('channel-credential-refused', message, `${auth}${page}`);
  });
}

function missingOf({ facts, present }: ChannelSituation): string[] {
  return missingCredentials(facts, Object.fromEntries(present.map((name) => [name, 'present'])));
}
