/** An invitation in words (RFC 5545): a stranger wrote it, so lines, events and lengths are bounded. */

const MOST_LINES = 4_000;
const MOST_EVENTS = 5;
const LONGEST_VALUE = 500;

const NAMES: Record<string, string> = {
  SUMMARY: 'What',
  DTSTART: 'Start',
  DTEND: 'End',
  DURATION: 'Duration',
  LOCATION: 'Where',
  ORGANIZER: 'Organizer',
  STATUS: 'Status',
  RRULE: 'Repeats',
};
const METHODS: Record<string, string> = {
  REQUEST: 'Invitation',
  CANCEL: 'Cancelled invitation',
  REPLY: 'Answer to an invitation',
  COUNTER: 'Proposal of another time',
};

interface Property {
  name: string;
  params: Map<string, string>;
  value: string;
}

/** The events of a calendar as lines; empty where there are none. */
export function calendarWords(ics: string): string {
  const events: string[][] = [];
  const open: string[] = [];
  let method = 'REQUEST';
  for (const { name, params, value } of unfolded(ics).map(propertyIn)) {
    if (name === 'BEGIN') {
      open.push(value.toUpperCase());
      if (value.toUpperCase() === 'VEVENT') events.push([]);
    } else if (name === 'END') {
      open.pop();
    } else if (name === 'METHOD') {
      method = value.toUpperCase();
    } else if (open.at(-1) === 'VEVENT' && Object.hasOwn(NAMES, name)) {
      const shown = shownValue(name, params, value);
      if (shown !== '') events.at(-1)?.push(`${NAMES[name]}: ${shown}`);
    }
  }
  const told = events.slice(0, MOST_EVENTS).filter((lines) => lines.length > 0);
  if (told.length === 0) return '';
  const more =
    events.length > MOST_EVENTS ? [`${events.length - MOST_EVENTS} more events are in the file.`] : [];
  return [`${METHODS[method] ?? 'Calendar'}:`, ...told.map((lines) => lines.join('\n')), ...more].join('\n');
}

/** A line that begins with a blank goes on with the one before. */
function unfolded(ics: string): string[] {
  const lines: string[] = [];
  for (const line of ics.split(/\r\n|\n|\r/, MOST_LINES)) {
    const last = lines.at(-1);
    if (last === undefined || !/^[ \t]/.test(line)) lines.push(line);
    else if (last.length < 8 * LONGEST_VALUE) lines[lines.length - 1] = last + line.slice(1);
  }
  return lines;
}

/** `NAME;PARAM=value;PARAM="a:b":value`. */
function propertyIn(line: string): Property {
  const parts: string[] = [];
  let from = 0;
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const letter = line[at];
    if (letter === '"') quoted = !quoted;
    if (quoted || (letter !== ';' && letter !== ':')) continue;
    parts.push(line.slice(from, at));
    from = at + 1;
    if (letter === ':') break;
  }
  const [name = '', ...params] = parts;
  const pairs = params.map((param): [string, string] => {
    const at = param.indexOf('=');
    return [param.slice(0, Math.max(at, 0)).toUpperCase(), param.slice(at + 1).replaceAll('"', '')];
  });
  return { name: name.toUpperCase(), params: new Map(pairs), value: line.slice(from) };
}

function shownValue(name: string, params: Map<string, string>, value: string): string {
  if (name === 'DTSTART' || name === 'DTEND') return shownTime(value, params.get('TZID'));
  const plain = oneLine(
    value.replace(/\\([nN,;\\])/g, (_, letter: string) => (/n/i.test(letter) ? ' ' : letter)),
  );
  if (name !== 'ORGANIZER') return plain;
  const address = plain.replace(/^mailto:/i, '');
  const person = oneLine(params.get('CN') ?? '');
  return person === '' || person === address ? address : `${person} <${address}>`;
}

const oneLine = (text: string) =>
  text
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, LONGEST_VALUE);

/** `20260105T100000Z` as a person writes it. */
function shownTime(value: string, zone: string | undefined): string {
  const found = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?$/.exec(value.trim());
  if (!found) return oneLine(value);
  const [, year, month, day, hour, minute, utc] = found;
  const date = `${year}-${month}-${day}`;
  if (hour === undefined) return date;
  const where = utc === 'Z' ? 'UTC' : oneLine(zone ?? '');
  return `${date} ${hour}:${minute} ${where}`.trim();
}
