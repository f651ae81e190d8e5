/** Whether this names a zone by itself, whatever the case of its letters. */
export function isZone(name: string): boolean {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return /^[A-Za-z]/.test(timeZone);
  } catch {
    return false;
  }
}

/** The zones of the city or country that somebody named; empty: none is called so. */
export function zonesOf(place: string): string[] {
  const wanted = plain(place);
  if (wanted === '') return [];
  const cities = Intl.supportedValuesOf('timeZone').filter((zone) => plain(cityOf(zone)) === wanted);
  return cities.length > 0 ? cities : zonesOfCountry(wanted);
}

const cityOf = (zone: string) => zone.split('/').at(-1) ?? zone;

/** `São Paulo`, `sao_paulo` and `SAO PAULO` are one. */
function plain(text: string): string {
  return text
    .slice(0, 60)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z]+/g, ' ')
    .trim();
}

function zonesOfCountry(wanted: string): string[] {
  const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });
  for (const region of REGIONS) {
    const name = names.of(region);
    if (name !== undefined && plain(name) === wanted) return zonesIn(region);
  }
  return [];
}

const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const REGIONS = LETTERS.flatMap((first) => LETTERS.map((second) => `${first}${second}`));

/** As the locale data have it (tc39.es/proposal-intl-locale-info): a getter in Node 20, a method in later ones. */
function zonesIn(region: string): string[] {
  const locale = new Intl.Locale(`und-${region}`);
  const method: unknown = 'getTimeZones' in locale ? locale.getTimeZones : undefined;
  const property: unknown = 'timeZones' in locale ? locale.timeZones : [];
  const zones: unknown = typeof method === 'function' ? method.call(locale) : property;
  return Array.isArray(zones) ? zones.filter((zone) => typeof zone === 'string') : [];
}
