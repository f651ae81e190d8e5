import { z } from 'zod';

/** Longest text of one message, in UTF-16 code units: dozens of parts on any platform. */
const MAX_TEXT = 100_000;

/** What a container wrote, checked: hostile input until it has passed here. */
const id = z.string().min(1).max(100);
const messageRef = z.number().int().positive();
/** Epoch milliseconds. */
const moment = z.number().int().nonnegative();
const to = z.string().min(1).max(200).optional();

const outboundFileSchema = z.object({
  /** Path below the session's `out/files`, as data: never joined without the no-follow reader. */
  path: z.string().min(1).max(512),
  name: z.string().min(1).max(255),
  mimeType: z.string().max(200).default('application/octet-stream'),
});

export const chatContentSchema = z.union([
  z
    .object({ operation: z.literal('edit'), messageId: messageRef, text: z.string().min(1).max(MAX_TEXT) })
    .strict(),
  z
    .object({ operation: z.literal('reaction'), messageId: messageRef, emoji: z.string().min(1).max(64) })
    .strict(),
  z
    .object({
      type: z.literal('ask_question'),
      questionId: id,
      title: z.string().max(300),
      question: z.string().min(1).max(4000),
      options: z
        .array(z.object({ label: z.string().min(1).max(200), value: z.string().min(1).max(200) }))
        .min(1)
        .max(20),
      timeoutMs: z.number().int().positive().optional(),
      /** Left out: those because of whom it is asked, and whoever is above them. */
      for: z.enum(['owner', 'admin', 'anyone']).optional(),
      to,
    })
    .strict(),
  z
    .object({
      type: z.literal('card'),
      card: z.record(z.string(), z.unknown()),
      fallbackText: z.string().min(1).max(MAX_TEXT),
      to,
    })
    .strict(),
  z
    .object({
      text: z.string().max(MAX_TEXT),
      files: z.array(outboundFileSchema).max(10).default([]),
      to,
      /** When the runner claimed the message and the model answered. Figures only: bad ones cost no reply. */
      stages: z.object({ claimed: moment, firstByte: moment.nullable() }).optional().catch(undefined),
    })
    .strict(),
]);
export type ChatContent = z.infer<typeof chatContentSchema>;

/** A request to the host: `{action, …}`; each action checks the rest itself. */
export const systemContentSchema = z.looseObject({ action: z.string().min(1).max(64) });
export type SystemContent = z.infer<typeof systemContentSchema>;

export interface OutboundRow {
  seq: number;
  id: string;
  incarnation: number;
  turnId: string;
  inReplyTo: string | null;
  kind: 'chat' | 'system';
  deliverAfter: number | null;
  channelType: string;
  platformId: string;
  threadId: string;
  /** Null where the row is not acceptable; `problem` then says why, and the row is refused, not skipped silently. */
  content: ChatContent | SystemContent | null;
  problem: string | null;
  createdAt: number;
}

export interface AckRow {
  /** Grows with each change: the cursor for the next read. */
  n: number;
  messageId: string;
  status: 'processing' | 'done' | 'failed';
  incarnation: number;
}

export type OutboundRead =
  /** At most 100 rows, with the last of them at most 100 acks, of one and the same moment; `more`: ask again. */
  | { kind: 'rows'; rows: OutboundRow[]; acks: AckRow[]; more: boolean }
  /** A hot journal: a recover container has to open the file first. */
  | { kind: 'recover' }
  /** Locked just now; ask again soon. */
  | { kind: 'busy' }
  /** The reader process cannot be asked just now, which says nothing of the file. */
  | { kind: 'away' }
  /** The file is not what we made, or did not answer in time: only this session is affected. */
  | { kind: 'bad'; code: string; message: string };

/** The client of the child process that alone opens what containers wrote. */
export interface OutboundReader {
  read(request: {
    sessionId: string;
    file: string;
    afterSeq: number;
    afterAck: number;
  }): Promise<OutboundRead>;
  /** Closes the held handle. */
  release(sessionId: string): void;
  close(): Promise<void>;
}
