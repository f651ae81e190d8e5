/** What mail programs write around what somebody else said, and below what their owner said. Every test is of one line. */

/** Of a line, so that no expression sees more. */
const LONGEST_LINE = 400;
/** The line without the marks of a quote and of bold letters in front of it. */
export const bareLine = (line: string) => line.slice(0, LONGEST_LINE).replace(/^[>\s*_]{1,40}/, '');

const ORIGINAL =
  /^(?:original message|ursprüngliche nachricht|originalnachricht|message d['’]origine|message original|mensaje original|messaggio originale|mensagem original|oorspronkelijk bericht|oryginalna wiadomość|wiadomość oryginalna|ursprungligt meddelande|oprindelig meddelelse|opprinnelig melding)$/i;

/** A rule of dashes with words in it; below it stands what is forwarded, or what is answered. */
function wordsOfRule(line: string): string | null {
  const bare = line
    .slice(0, LONGEST_LINE)
    .replace(/^[>\s]{1,40}/, '')
    .trim();
  if (!bare.startsWith('--') || !bare.endsWith('--')) return null;
  const words = bare
    .replace(/^-+/, '')
    .replace(/-{1,40}$/, '')
    .trim();
  return words === '' || words.startsWith('-') || words.endsWith('-') ? null : words;
}

/** Above a mail that is answered: `-----Original Message-----`, or the line of Outlook on the web. */
export const isReplyRule = (line: string): boolean =>
  ORIGINAL.test(wordsOfRule(line) ?? '') ||
  /^[>\s]{0,40}_{10,200}\s{0,40}$/.test(line.slice(0, LONGEST_LINE));

/** Apple Mail has no dashes: "Begin forwarded message:". */
const BEGIN_FORWARDED = new RegExp(
  `^(?:${[
    'begin forwarded message',
    'anfang der weitergeleiteten (?:nachricht|e-mail)',
    'début du message (?:réexpédié|transféré)',
    'inicio del mensaje reenviado',
    'inizio messaggio inoltrato',
    'início da mensagem (?:reencaminhada|encaminhada)',
    'begin doorgestuurd bericht',
    'początek przekazywanej wiadomości',
    'start på videresendt besked',
    'videresendt melding',
    'vidarebefordrat mejl',
    'välitetty viesti alkaa',
    'začátek přeposílané zprávy',
    'začiatok preposlanej správy',
    'továbbított levél kezdete',
    'započni proslijeđenu poruku',
    'începe mesajul redirecționat',
    'начало переадресованного сообщения',
    'початок листа, що пересилається',
    'i̇leti başlangıcı',
  ].join('|')})\\s?:`,
  'i',
);

/** Whatever language it is in: only what is known to stand above an answered mail is none. */
export function isForwardRule(line: string): boolean {
  const words = wordsOfRule(line);
  return (words !== null && !ORIGINAL.test(words)) || BEGIN_FORWARDED.test(bareLine(line));
}

/** A rule that says what it is, in the languages of mail programs. */
export const namesForward = (line: string): boolean =>
  BEGIN_FORWARDED.test(bareLine(line)) ||
  /forward|weitergeleit|transf[eé]r|reenvi|inoltr|encaminh|doorgestuur|przekaz|videresend|vidarebefor|välitet|továbbít|přepos|iletil|пересыл|пересл|перенаправ|προωθ|転送|转发|轉寄|전달/iu.test(
    line.slice(0, 200),
  );

/** How a subject begins that forwards something. `I:` is Outlook's in Italian. */
export const isForwardSubject = (subject: string): boolean =>
  /^\s{0,20}(?:fwd?|wg|tr|rv|i|vs|pd|enc|vb|vl|doorst|videresend|redir\.)\s?:/i.test(subject);

const LABELS = {
  from: 'from|von|de|da|van|od|fra|från|mittente|nadawca|expéditeur|remitente|lähettäjä|feladó|от|від',
  date: 'date|sent|gesendet|datum|envoyé|fecha|enviado(?: el| em)?|enviada(?: em)?|data|inviato|verzonden|wysłano|wysłane|dato|sendt|skickat|päivämäärä|дата|отправлено',
  to: 'to|an|à|a|para|aan|do|til|till|pour|destinatario|destinatário|adresat|vastaanottaja|кому',
  subject:
    'subject|betreff|objet|sujet|asunto|oggetto|assunto|onderwerp|temat|emne|ämne|aihe|předmět|tárgy|тема',
  cc: 'cc|kopie(?: \\(cc\\))?|copie(?: à)?|dw|kopi|kopia|копия',
};
const HEADERS = Object.entries(LABELS).map(
  ([name, words]) => [name, new RegExp(`^(?:${words})[*_]{0,2}\\s?:`, 'i')] as const,
);
/** Of a line of a mail's head: which one it is. */
export const labelOf = (line: string): string | undefined =>
  line.includes(':') ? HEADERS.find(([, label]) => label.test(bareLine(line)))?.[0] : undefined;

const MOST_HEADER_LINES = 14;

/**
 * The head of a mail as programs write it above its words, beginning in this line: where it ends, and whether all of it is
 * there. Two lines of it are enough to leave alone what follows.
 */
export function headAt(lines: readonly string[], at: number): { end: number; kinds: number } | null {
  if (labelOf(lines[at] ?? '') !== 'from') return null;
  const kinds = new Set<string>();
  let end = at;
  while (end < lines.length && end - at < MOST_HEADER_LINES && bareLine(lines[end] ?? '') !== '') {
    const label = labelOf(lines[end] ?? '');
    // What follows a head without an empty line is the mail itself.
    if (label === undefined && kinds.has('subject')) break;
    if (label !== undefined) kinds.add(label);
    end += 1;
  }
  return { end, kinds: kinds.size };
}

/** A line of a head in whatever language: a name, and an address in brackets. */
export const isHeaderLine = (line: string): boolean =>
  labelOf(line) !== undefined ||
  /^[^\s:][^:]{0,40}:.{0,200}<[^\s<>@]{1,64}@[^\s<>]{1,250}>/.test(bareLine(line));

const WROTE =
  /(?:wrote|schrieb|a écrit|escribió|ha scritto|escreveu|schreef|geschreven|napisał(?:\(a\)|a)?|napisano|pisze|skrev|kirjoitti|написал(?:\(а\)|а)?)(?![\p{L}])/iu;
const DATE = /\d{4}|\d{1,2}[./-]\d{1,2}|\d{1,2}[:.h]\d{2}/;

/** "On Monday at 9:00 Ada wrote:", joined to one line. */
export function isAttribution(joined: string): boolean {
  const line = joined.slice(0, 2 * LONGEST_LINE).trimEnd();
  return /[:：]$/.test(line) && DATE.test(line) && (WROTE.test(line) || line.includes('@'));
}

const DEVICE = `(?:iphone|ipad|ipod(?: touch)?|apple watch|mac(?:book)?|android|samsung|galaxy|blackberry|huawei|xiaomi|redmi|google pixel|pixel|nokia|motorola|oneplus|oppo|sony|windows phone|phone|mobile|smartphone|smart phone|cell ?phone|tablet|handy|mobiltelefon|mobilgerät|téléphone|portable|móvil|teléfono|dispositivo|telefono|cellulare|telefone|celular|telemóvel|telefoon|mobiel|mobil|telefonu?|telefon)(?:['’]?a)?`;
const MODEL = `(?:[ -](?:galaxy|note|pro|max|plus|mini|ultra|air|se|fe|xr|xs|device|phone|smartphone|mobile|tablet|android|samsung|gerät|telefon|handy|mobiltelefon|\\d{1,2}|[as]\\d{1,3}|5g)){0,5}`;
const MAIL_APP = `(?:outlook|yahoo mail|yahoo|gmail|mail|proton ?mail)`;
const SYSTEM = `(?: (?:for|on|für|auf|pour|sur|para|en|per|su|no|voor|op|dla|na|systemu) (?:systemu )?(?:ios|iphone|ipad|android|mobile|windows(?: 1\\d)?|mac)){0,2}`;

/** Lines that telephones put below each mail, whole. */
const PHONE_LINES = [
  `sent (?:from|via|using) (?:my |an? )?${DEVICE}${MODEL}`,
  `sent (?:from|with|via) ${MAIL_APP}${SYSTEM}(?: secure email)?`,
  `get outlook${SYSTEM}`,
  'yahoo mail: search, organi[sz]e, conquer',
  `(?:diese nachricht wurde )?von meinem ${DEVICE}${MODEL} (?:aus )?gesendet`,
  `gesendet (?:von|aus|mit) (?:meinem |der )?(?:${DEVICE}${MODEL}|${MAIL_APP}${SYSTEM})`,
  `(?:holen sie sich outlook${SYSTEM}|outlook${SYSTEM} beziehen)`,
  `envoyé (?:de|depuis|à partir de|avec) (?:mon |ma |d')?(?:${DEVICE}${MODEL}|${MAIL_APP}${SYSTEM})`,
  `(?:télécharger|obtenir|obtenez) outlook${SYSTEM}`,
  `enviado (?:desde|con) (?:mi )?(?:${DEVICE}${MODEL}|${MAIL_APP}${SYSTEM})`,
  `(?:obtener|obtén|descargar) outlook${SYSTEM}`,
  `inviato (?:da|dal|con) (?:mio )?(?:${DEVICE}${MODEL}|${MAIL_APP}${SYSTEM})`,
  `(?:ottieni|scarica) outlook${SYSTEM}`,
  `enviado (?:do|da|a partir do|com) (?:meu |o )?(?:${DEVICE}${MODEL}|${MAIL_APP}${SYSTEM})`,
  `(?:obter|obtenha) o outlook${SYSTEM}`,
  `(?:verstuurd|verzonden) (?:vanaf|met|via) (?:mijn )?(?:${DEVICE}${MODEL}|${MAIL_APP}${SYSTEM})`,
  `outlook${SYSTEM} (?:downloaden|ophalen)`,
  `wysłan[eoy] (?:z|za pomocą) (?:mojego )?(?:${DEVICE}${MODEL}|${MAIL_APP}${SYSTEM})`,
  `pobierz (?:aplikację |program )?outlook${SYSTEM}`,
  `(?:skickat från|sendt fra|sendt frå|lähetetty) (?:min |mitt )?(?:${DEVICE}${MODEL}|${MAIL_APP}${SYSTEM})`,
];
const PHONE = new RegExp(
  `^(?:${PHONE_LINES.join('|')})\\.?(?: ?[<[(]{1,2}https?://[^\\s<>]{1,200}[>\\])]{1,2})?$`,
  'i',
);

export const isPhoneLine = (line: string): boolean =>
  line.length <= LONGEST_LINE && PHONE.test(line.trim().replace(/\s+/g, ' '));
