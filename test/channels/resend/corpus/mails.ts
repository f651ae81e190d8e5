/** Mails as programs write them, in eight languages, made up. The agent is Andy <agent@mail.example.org>, the person is Ada. */

export interface CorpusMail {
  name: string;
  subject: string;
  text?: string;
  html?: string;
  /** What the mail that it answers says; absent: it answers nothing that is known. */
  answers?: string;
  /** Must stand in the message. */
  arrives: string[];
  /** Does not stand in the message; the file has it. */
  cut?: string[];
}

const ASKED = 'Shall I book the table for four at eight, or rather at nine?';
const AGENT = 'Andy <agent@mail.example.org>';
const BOB = 'Bob Baker <bob@example.org>';
const PAY = 'Please pay 120 EUR by Friday.';
const quoted = (text: string) =>
  text
    .split('\n')
    .map((line) => `> ${line}`.trimEnd())
    .join('\n');
const para = (text: string) => `<div dir="ltr">${text}</div>`;

/** Language, "On … wrote:" (Gmail, Apple, Thunderbird), phone line, rule of a forward (Apple, Yahoo/Thunderbird), labels of a head. */
interface Language {
  code: string;
  yes: string;
  see: string;
  gmail: string;
  apple: string;
  thunderbird: string;
  phone: string;
  outlookPhone: string;
  begin: string;
  rule: string;
  original: string;
  head: [from: string, date: string, to: string, subject: string];
  forward: string;
}

export const LANGUAGES: Language[] = [
  {
    code: 'en',
    yes: 'At nine, please.',
    see: 'Can you add this to my calendar?',
    gmail: `On Mon, Jan 5, 2026 at 9:00 AM ${AGENT} wrote:`,
    apple: `On 5 Jan 2026, at 09:00, ${AGENT} wrote:`,
    thunderbird: 'On 1/5/26 09:00, Andy wrote:',
    phone: 'Sent from my iPhone',
    outlookPhone: 'Get Outlook for iOS<https://aka.ms/o0ukef>',
    begin: 'Begin forwarded message:',
    rule: '-------- Forwarded Message --------',
    original: '-----Original Message-----',
    head: ['From', 'Sent', 'To', 'Subject'],
    forward: 'Fwd',
  },
  {
    code: 'de',
    yes: 'Um neun, bitte.',
    see: 'Bitte eintragen',
    gmail: `Am Mo., 5. Jan. 2026 um 09:00 Uhr schrieb ${AGENT}:`,
    apple: `Am 05.01.2026 um 09:00 schrieb ${AGENT}:`,
    thunderbird: 'Am 05.01.26 um 09:00 schrieb Andy:',
    phone: 'Von meinem iPhone gesendet',
    outlookPhone: 'Gesendet von Outlook für Android<https://aka.ms/AAb9ysg>',
    begin: 'Anfang der weitergeleiteten Nachricht:',
    rule: '-------- Weitergeleitete Nachricht --------',
    original: '-----Ursprüngliche Nachricht-----',
    head: ['Von', 'Gesendet', 'An', 'Betreff'],
    forward: 'WG',
  },
  {
    code: 'fr',
    yes: 'À neuf heures, merci.',
    see: 'Peux-tu noter ceci ?',
    gmail: `Le lun. 5 janv. 2026 à 09:00, ${AGENT} a écrit :`,
    apple: `Le 5 janv. 2026 à 09:00, ${AGENT} a écrit :`,
    thunderbird: 'Le 05/01/2026 à 09:00, Andy a écrit :',
    phone: 'Envoyé de mon iPhone',
    outlookPhone: 'Télécharger Outlook pour Android<https://aka.ms/AAb9ysg>',
    begin: 'Début du message transféré :',
    rule: '-------- Message transféré --------',
    original: "-----Message d'origine-----",
    head: ['De', 'Envoyé', 'À', 'Objet'],
    forward: 'TR',
  },
  {
    code: 'es',
    yes: 'A las nueve, por favor.',
    see: '¿Puedes apuntarlo?',
    gmail: `El lun, 5 ene 2026 a las 9:00, ${AGENT} escribió:`,
    apple: `El 5 ene 2026, a las 9:00, ${AGENT} escribió:`,
    thunderbird: 'El 5/1/26 a las 9:00, Andy escribió:',
    phone: 'Enviado desde mi iPhone',
    outlookPhone: 'Obtener Outlook para iOS<https://aka.ms/o0ukef>',
    begin: 'Inicio del mensaje reenviado:',
    rule: '-------- Mensaje reenviado --------',
    original: '-----Mensaje original-----',
    head: ['De', 'Enviado', 'Para', 'Asunto'],
    forward: 'RV',
  },
  {
    code: 'it',
    yes: 'Alle nove, grazie.',
    see: 'Puoi segnarlo?',
    gmail: `Il giorno lun 5 gen 2026 alle ore 09:00 ${AGENT} ha scritto:`,
    apple: `Il giorno 5 gen 2026, alle ore 09:00, ${AGENT} ha scritto:`,
    thunderbird: 'Il 05/01/26 09:00, Andy ha scritto:',
    phone: 'Inviato da iPhone',
    outlookPhone: 'Ottieni Outlook per iOS<https://aka.ms/o0ukef>',
    begin: 'Inizio messaggio inoltrato:',
    rule: '-------- Messaggio Inoltrato --------',
    original: '-----Messaggio originale-----',
    head: ['Da', 'Inviato', 'A', 'Oggetto'],
    forward: 'I',
  },
  {
    code: 'pt',
    yes: 'Às nove, por favor.',
    see: 'Pode anotar isto?',
    gmail: `Em seg., 5 de jan. de 2026 às 09:00, ${AGENT} escreveu:`,
    apple: `No dia 05/01/2026, às 09:00, ${AGENT} escreveu:`,
    thunderbird: 'Em 05/01/2026 09:00, Andy escreveu:',
    phone: 'Enviado do meu iPhone',
    outlookPhone: 'Obter o Outlook para Android<https://aka.ms/AAb9ysg>',
    begin: 'Início da mensagem reencaminhada:',
    rule: '-------- Mensagem encaminhada --------',
    original: '-----Mensagem original-----',
    head: ['De', 'Enviada', 'Para', 'Assunto'],
    forward: 'ENC',
  },
  {
    code: 'nl',
    yes: 'Om negen uur graag.',
    see: 'Wil je dit noteren?',
    gmail: `Op ma 5 jan 2026 om 09:00 schreef ${AGENT}:`,
    apple: `Op 5 jan. 2026 om 09:00 heeft ${AGENT} het volgende geschreven:`,
    thunderbird: 'Op 05-01-2026 om 09:00 schreef Andy:',
    phone: 'Verstuurd vanaf mijn iPhone',
    outlookPhone: 'Verzonden vanaf Outlook voor Android<https://aka.ms/AAb9ysg>',
    begin: 'Begin doorgestuurd bericht:',
    rule: '-------- Doorgestuurd bericht --------',
    original: '-----Oorspronkelijk bericht-----',
    head: ['Van', 'Verzonden', 'Aan', 'Onderwerp'],
    forward: 'FW',
  },
  {
    code: 'pl',
    yes: 'O dziewiątej, proszę.',
    see: 'Czy możesz to zapisać?',
    gmail: `pon., 5 sty 2026 o 09:00 ${AGENT} napisał(a):`,
    apple: `Wiadomość napisana przez ${AGENT} w dniu 5 sty 2026, o godz. 09:00:`,
    thunderbird: 'W dniu 5.01.2026 o 09:00, Andy pisze:',
    phone: "Wysłane z iPhone'a",
    outlookPhone: 'Pobierz aplikację Outlook dla systemu Android<https://aka.ms/AAb9ysg>',
    begin: 'Początek przekazywanej wiadomości:',
    rule: '--- Treść przekazanej wiadomości ---',
    original: '-----Oryginalna wiadomość-----',
    head: ['Od', 'Wysłano', 'Do', 'Temat'],
    forward: 'PD',
  },
];

function mailsIn(language: Language): CorpusMail[] {
  const { code, yes, see, gmail, apple, thunderbird, phone, outlookPhone, begin, rule, original } = language;
  const head = (from: string, subject: string) =>
    language.head
      .map((label, at) => `${label}: ${[from, '5 January 2026 09:00', 'Ada', subject][at]}`)
      .join('\n');
  const bold = (from: string) =>
    language.head
      .map((label, at) => `<b>${label}:</b> ${[from, '5 January 2026', 'Ada', 'Table'][at]}`)
      .join('<br>');
  const named = (name: string) => `${code}: ${name}`;
  const forward = `${language.forward}: Invoice`;
  const forwarded = ['Bob', PAY];
  return [
    {
      name: named('Gmail, a reply with a signature'),
      subject: 'Re: Table',
      text: `${yes}\n\n-- \nAda Lovelace\nTel 1\n\n${gmail.replace(' <', '\n<')}\n\n${quoted(ASKED)}\n`,
      answers: ASKED,
      arrives: [yes],
      cut: ['Tel 1', ASKED],
    },
    {
      name: named('iPhone, a reply'),
      subject: 'Re: Table',
      text: `${yes}\n\n${phone}\n\n${quoted(`${apple}\n\n${ASKED}`)}\n`,
      answers: ASKED,
      arrives: [yes],
      cut: [phone, ASKED],
    },
    {
      name: named('Outlook on a telephone, a reply'),
      subject: 'RE: Table',
      text: `${yes}\n\n${outlookPhone}\n________________________________\n${head(AGENT, 'Table')}\n\n${ASKED}\n`,
      answers: ASKED,
      arrives: [yes],
      cut: ['aka.ms', ASKED],
    },
    {
      name: named('Outlook, a reply to a mail that is not here'),
      subject: 'RE: Table',
      text: `${yes}\n\n${original}\n${head(BOB, 'Invoice')}\n\n${PAY}\n`,
      answers: ASKED,
      arrives: [yes, ...forwarded],
    },
    {
      name: named('Thunderbird, answered line by line'),
      subject: 'Re: Table',
      text: `${thunderbird}\n> Shall I book the table for four at eight,\n\n${yes}\n\n> or rather at nine?\n`,
      answers: ASKED,
      arrives: ['Shall I book', yes, 'or rather at nine'],
    },
    {
      name: named('Gmail, HTML only, a reply'),
      subject: 'Re: Table',
      html: `${para(yes)}<br><div class="gmail_quote"><div class="gmail_attr">${gmail.replace('<', '&lt;').replace('>', '&gt;')}<br></div><blockquote class="gmail_quote">${ASKED}</blockquote></div>`,
      answers: ASKED,
      arrives: [yes],
      cut: [ASKED],
    },
    {
      name: named('Outlook, HTML only, a reply to a mail that is not here'),
      subject: 'RE: Table',
      html: `<p>${yes}</p><div style="border-top:solid #E1E1E1 1.0pt"><p>${bold('Bob')}</p></div><p>${PAY}</p>`,
      arrives: [yes, ...forwarded],
    },
    {
      name: named('iPhone, a forward below its line'),
      subject: forward,
      text: `${see}\n\n${phone}\n\n${begin}\n\n${quoted(`${head(BOB, 'Invoice')}\n\n${PAY}`)}\n`,
      arrives: [see, ...forwarded],
    },
    {
      name: named('Gmail, a forward below a signature'),
      subject: 'Fwd: Invoice',
      text: `${see}\n\n-- \nAda\n\n---------- Forwarded message ---------\n${language.head[0]}: ${BOB}\nDate: Mon, Jan 5, 2026\nSubject: Invoice\nTo: Ada\n\n${PAY}\n\n-- \nBob\n`,
      arrives: [see, ...forwarded],
    },
    {
      name: named('Thunderbird or Yahoo, a forward of a forward, subject changed'),
      subject: 'Invoice',
      text: `${see}\n\n-- \nAda\n\n${rule}\n${head('Carl <carl@example.org>', 'Invoice')}\n\nFYI\n\n${rule}\n${head(BOB, 'Invoice')}\n\n${PAY}\n\n${phone}\n`,
      arrives: [see, 'Carl', 'FYI', ...forwarded, phone],
    },
    {
      name: named('Outlook, a forward'),
      subject: forward,
      text: `${see}\n\n________________________________\n${head(BOB, 'Invoice')}\n\n${PAY}\n`,
      arrives: [see, ...forwarded],
    },
    {
      name: named('Proton, a forward of what the agent wrote'),
      subject: forward,
      text: `${see}\n\nSent with Proton Mail secure email.\n\n------- Forwarded Message -------\n${head(AGENT, 'Table')}\n\n${quoted(ASKED)}\n`,
      answers: ASKED,
      arrives: [see, ASKED],
    },
    {
      name: named('a newsletter with a stub for a text'),
      subject: 'Newsletter',
      text: 'Your mail program does not show HTML.',
      html: `<html><body><table><tr><td>${see}</td><td>120 EUR</td></tr></table></body></html>`,
      arrives: [see, '120 EUR'],
      cut: ['Your mail program'],
    },
  ];
}

export const MAILS: CorpusMail[] = LANGUAGES.flatMap(mailsIn);
