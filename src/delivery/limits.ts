const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** docs/reliability.md#promise-5, and what follows from it. Milliseconds unless said otherwise. */
export const limits = {
  /** Longest time that one send may take before its outcome counts as unknown. */
  sendTimeout: MINUTE,
  /** How long an adapter may take to give up after it was told to. */
  abortGrace: 5 * SECOND,
  /** A crash shows as a row that is still `sending` after this; longer than a send can take. */
  lease: MINUTE + 10 * SECOND,
  /** Waits after the failures of a message that fails alone; together under ten minutes with jitter. */
  alone: [2, 10, 40, 120, 300].map((seconds) => seconds * SECOND),
  /** Waits while the channel is down: doubling from the first to the longest. */
  downFirst: SECOND,
  downLongest: 5 * MINUTE,
  /** After this long a message is given up … */
  giveUp: 24 * 60 * MINUTE,
  /** … but not in the first minutes of a host that was off for longer. */
  giveUpGrace: 10 * MINUTE,
  /** How long platforms with an idempotency key remember it; they promise "a few minutes". */
  idempotency: 2 * MINUTE,
  /** What was sent this recently may not stand in the chat's history yet. */
  historyDelay: 10 * SECOND,
  /** Sends under way to one channel at a time. Count. */
  parallelPerChannel: 16,
  /** Bytes of one file, and of the files of one message. */
  fileBytes: 25 * 1024 * 1024,
  /** How much of a session's output is held in memory before it is read again. Rows. */
  cachedRows: 200,
  /** The same, as JSON. Characters. */
  cachedCharacters: 1_000_000,
  /** Rows and acks of a session that are taken over at once, and then in each second. Count. */
  intakeBurst: 1000,
  intakePerSecond: 10,
  /** With so many unsent messages of a session in memory, no more are taken over. Count. */
  openPerSession: 500,
  /** `/again` sends at most so many of the newest parts that may not have arrived, none older than this. */
  againParts: 20,
  againSince: 7 * 24 * 60 * MINUTE,
} as const;
