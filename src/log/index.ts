import { type DestinationStream, type Logger, pino } from 'pino';

export type Log = Logger;

/** Fields that may hold a secret wherever they are logged from. */
const REDACTED = ['authorization', 'token', 'apiKey', 'secret', 'password', 'headers', 'env'].flatMap(
  (name) => [name, `*.${name}`],
);

/**
 * One line an event. Pass ids as fields (`session`, `message`, `incarnation`, `chat`), the event as the text:
 * `log.info({ session, incarnation }, 'container started')`. `secrets` are masked wherever they appear in a line.
 */
export function createLog(
  destination: DestinationStream,
  options: { level: string; secrets?: () => string[] },
): Log {
  let known: string[] = [];
  /** A file of secrets that cannot be read must not end whoever wants to write that down. */
  const secrets = (): string[] => {
    try {
      known = options.secrets?.() ?? [];
    } catch {
      // What was known last is masked on.
    }
    return known;
  };
  const masked: DestinationStream = {
    write(line) {
      let safe = line;
      for (const secret of secrets()) {
        // As it stands in a line of JSON: a multi-line key has its line ends escaped there.
        if (secret.length >= 8) safe = safe.replaceAll(JSON.stringify(secret).slice(1, -1), '[redacted]');
      }
      destination.write(safe);
    },
  };
  return pino(
    { level: options.level, base: null, redact: { paths: REDACTED, censor: '[redacted]' } },
    masked,
  );
}
