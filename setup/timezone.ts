import { pathsOf } from '../src/config.js';
import { createEnvFile } from '../src/env-file.js';
import { hostState } from '../src/host/state.js';
import { nearest, UsageError } from './lib/flags.js';
import { saveEnv } from './lib/installation.js';
import type { Step, StepContext, StepResult } from './lib/step.js';
import { isZone, zonesOf } from './timezone/places.js';

export const timezone: Step = {
  name: 'timezone',
  class: 'sets-up',
  summary: 'sets the time zone in which agents think and tasks run; without --tz it says which one that is',
  flags: [
    {
      name: 'tz',
      kind: 'value',
      hint: '<IANA>',
      help: 'the zone, such as Europe/Berlin, or a city or country that has one, such as Lisbon',
    },
  ],
  async run(flags, context) {
    const wanted = flags.value('tz');
    if (wanted === undefined) return current(context);
    const zones = isZone(wanted) ? [] : zonesOf(wanted);
    if (zones.length > 1) return which(wanted, zones);
    return set(context, zones[0] ?? zoneNamed(wanted));
  },
};

async function set(context: StepContext, zone: string): Promise<StepResult> {
  const changed = await saveEnv(context, { TZ: zone });
  const { running } = await hostState(pathsOf(context.home).data);
  const fields = { TIMEZONE: zone, SOURCE: '.env', LOCAL_TIME: localTime(context, zone) };
  return changed
    ? { status: 'success', fields: { ...fields, RESTART_NEEDED: running } }
    : { status: 'skipped', fields };
}

async function current(context: StepContext): Promise<StepResult> {
  const stored = createEnvFile(pathsOf(context.home).envFile).read().TZ;
  if (stored) {
    const zone = zoneNamed(stored);
    return {
      status: 'success',
      fields: { TIMEZONE: zone, SOURCE: '.env', LOCAL_TIME: localTime(context, zone) },
    };
  }
  const { timeZone: machine } = new Intl.DateTimeFormat().resolvedOptions();
  // Servers are set to UTC whatever the zone of the people who use them.
  if (/^(Etc\/)?(UTC|UCT|GMT|Universal|Zulu|Greenwich|Unknown)$/.test(machine)) {
    return {
      status: 'needs_input',
      question: 'Which time zone do you live in? Run the step again with --tz <zone>.',
      options: ['UTC', 'Europe/Berlin', 'Europe/London', 'America/New_York', 'America/Los_Angeles'],
      fields: { TIMEZONE: machine, SOURCE: 'machine' },
    };
  }
  const fields = { TIMEZONE: machine, SOURCE: 'machine', LOCAL_TIME: localTime(context, machine) };
  return { status: 'success', fields };
}

function which(place: string, zones: readonly string[]): StepResult {
  return {
    status: 'needs_input',
    question: `${JSON.stringify(place.slice(0, 60))} has several time zones. Run the step again with --tz <one of them>.`,
    options: [...zones],
  };
}

/** The canonical name of a zone. Throws a UsageError with the nearest one. */
function zoneNamed(given: string): string {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: given }).resolvedOptions();
    // Newer versions of Node take offsets too, which know no summer time.
    if (/^[A-Za-z]/.test(timeZone)) return timeZone;
  } catch {}
  throw new UsageError(
    'invalid-value',
    `There is no IANA time zone ${JSON.stringify(given.slice(0, 60))}.`,
    `Did you mean --tz ${nearest(given, ['UTC', ...Intl.supportedValuesOf('timeZone')])}?`,
  );
}

function localTime({ clock }: StepContext, timeZone: string): string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  return format.format(clock.now());
}
