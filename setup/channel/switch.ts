import type { ChannelFacts } from '../../src/channels/catalog/index.js';
import { addAudit } from '../../src/db/central/audit.js';
import {
  forgetEnabledChannel,
  listEnabledChannels,
  rememberEnabledChannel,
} from '../../src/db/central/enabled-channels.js';
import { replaceFile } from '../../src/files/replace.js';
import { type Installation, withInstallation } from '../lib/installation.js';
import { withSetupLock } from '../lib/setup-lock.js';
import type { Fields, StepContext, StepResult } from '../lib/step.js';
import { barrelFile, barrelStates, editBarrel, readBarrel } from './barrel.js';
import {
  installPackage,
  isInstalled,
  isOfRelease,
  packageFiles,
  prunePackages,
  removePackage,
} from './package.js';
import { proveHost } from './prove.js';

/** Installs what the channel needs, lets its line count, and proves the host; whatever fails, all is as before. */
export function enableChannel(context: StepContext, facts: ChannelFacts): Promise<StepResult> {
  return switching(context, async (installation) => {
    const { db } = installation;
    const { type, package: wanted } = facts;
    const remembered = listEnabledChannels(db).find((one) => one.channelType === type);
    const installed = wanted === null || isInstalled(context.root, wanted);
    const isOn = barrelStates(context.root).some((line) => line.type === type && line.enabled);
    if (remembered && installed && isOn) {
      // The package may have been brought up to date by other means.
      rememberEnabledChannel(db, { ...remembered, version: wanted?.version ?? '' }, context.clock.now());
      return skipped(facts, true);
    }
    // Only what we install is taken away again when the channel is disabled.
    const ours =
      wanted !== null &&
      (remembered?.package === wanted.name || !(await isOfRelease(context.root, wanted.name)));
    const files = packageFiles(context.root);
    if (wanted && !installed) await installPackage(context, wanted);
    const proof = await editAndProve(context, type, true).catch(async (error: unknown) => {
      files.restore();
      if (!installed) await prunePackages(context);
      throw error;
    });
    const entry = { channelType: type, package: ours ? wanted.name : '', version: wanted?.version ?? '' };
    rememberEnabledChannel(db, entry, context.clock.now());
    audit(context, installation, 'channel.enabled', type);
    return { status: 'success', fields: fieldsOf(facts, true, proof) };
  });
}

export function disableChannel(context: StepContext, facts: ChannelFacts): Promise<StepResult> {
  return switching(context, async (installation) => {
    const { db } = installation;
    const { type } = facts;
    const remembered = listEnabledChannels(db).find((one) => one.channelType === type);
    const isOn = barrelStates(context.root).some((line) => line.type === type && line.enabled);
    if (!isOn && !remembered) return skipped(facts, false);
    const proof = await editAndProve(context, type, false);
    forgetEnabledChannel(db, type);
    audit(context, installation, 'channel.disabled', type);
    if (remembered?.package) await removePackage(context, remembered.package);
    return { status: 'success', fields: fieldsOf(facts, false, proof) };
  });
}

function switching(
  context: StepContext,
  work: (installation: Installation) => Promise<StepResult>,
): Promise<StepResult> {
  return withInstallation(context, (installation) =>
    withSetupLock(installation.config.paths.data, context.clock, () => work(installation)),
  );
}

async function editAndProve(
  context: StepContext,
  type: string,
  enabled: boolean,
): Promise<{ checked: boolean }> {
  const file = barrelFile(context.root);
  const before = readBarrel(context.root);
  replaceFile(file, editBarrel(before, type, enabled), 0o644);
  try {
    return await proveHost(context);
  } catch (error) {
    replaceFile(file, before, 0o644);
    throw error;
  }
}

function audit({ clock }: StepContext, { db }: Installation, action: string, subject: string): void {
  addAudit(db, { actor: 'setup', action, subject }, clock.now());
}

function skipped(facts: ChannelFacts, enabled: boolean): StepResult {
  return {
    status: 'skipped',
    fields: { CHANNEL: facts.type, ENABLED: enabled, ...(enabled && { NEXT: authStep(facts) }) },
  };
}

function fieldsOf(facts: ChannelFacts, enabled: boolean, { checked }: { checked: boolean }): Fields {
  return {
    CHANNEL: facts.type,
    ENABLED: enabled,
    ...(facts.package && { PACKAGE: `${facts.package.name}@${facts.package.version}` }),
    TYPE_CHECK: checked ? 'passed' : 'compiler-not-installed',
    START: 'passed',
    NEXT: enabled ? authStep(facts) : 'restart the host: ./wharfie service',
  };
}

/** Harmless where it was done already: it asks the platform again. */
function authStep(facts: ChannelFacts): string {
  return `./wharfie channel --auth ${facts.type}`;
}
