import { headerValues, type Mail } from './packets.js';

const MACHINES =
  /^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?|notifications?)(?:[+-][^@]*)?@/;
const BULK = /^(?:bulk|junk|list|auto_reply)$/i;

/**
 * Whether a machine wrote it: an absence note, a mailing list, a bounce, another agent. Such mails are told as those of
 * a bot, so that two machines do not write to each other for ever (RFC 3834, section 2).
 */
export function isAutomatic(mail: Pick<Mail, 'headers'>, address: string): boolean {
  const value = (name: string) => headerValues(mail, name)[0]?.trim() ?? '';
  const submitted = value('auto-submitted').toLowerCase();
  return (
    MACHINES.test(address) ||
    (submitted !== '' && !/^no(?:$|[\s;])/.test(submitted)) ||
    BULK.test(value('precedence')) ||
    value('return-path') === '<>' ||
    ['list-id', 'list-unsubscribe', 'x-autoreply', 'x-autorespond', 'feedback-id'].some(
      (name) => value(name) !== '',
    )
  );
}
