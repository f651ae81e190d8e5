import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { InboundAttachment } from '../channels/adapter.js';
import type { Clock } from '../clock.js';
import type { StoredAttachment } from '../db/content.js';
import { safeKey, safeName, shownName } from './names.js';
import { copySaved, SaveProblem, saveStream } from './save-stream.js';

export interface AttachmentLimits {
  /** Bytes of one file. */
  maxBytes: number;
  /** Bytes of all files of one message. */
  maxTotalBytes: number;
  /** Files of one message. */
  maxFiles: number;
  /** For one file, milliseconds. */
  timeoutMs: number;
}

const defaultAttachmentLimits: AttachmentLimits = {
  maxBytes: 25 * 2 ** 20,
  maxTotalBytes: 100 * 2 ** 20,
  maxFiles: 10,
  timeoutMs: 60_000,
};

export interface AttachmentStore {
  /**
   * Keeps a message's attachments in a session's `in/files/<key>/`. What cannot be had becomes a sentence in `problems`;
   * rejects only when the folder itself cannot be written. The same attachment object saved into a second session is
   * copied, not opened again. `key` names the message: the same key again writes the same files again.
   */
  save(
    filesInDir: string,
    key: string,
    attachments: readonly InboundAttachment[],
  ): Promise<{ stored: StoredAttachment[]; problems: string[] }>;
}

/** What became of an attachment the first time: a file to copy from, or the sentence that says why there is none. */
type Outcome = { path: string; size: number } | { problem: string };

export function createAttachmentStore(deps: {
  clock: Clock;
  limits?: Partial<AttachmentLimits>;
}): AttachmentStore {
  const limits = { ...defaultAttachmentLimits, ...deps.limits };
  const outcomes = new WeakMap<InboundAttachment, Outcome>();

  const keep = async (attachment: InboundAttachment, path: string, maxBytes: number): Promise<Outcome> => {
    const known = outcomes.get(attachment);
    if (known && 'problem' in known) return known;
    if (known) {
      await copySaved(known.path, path);
      return { path, size: known.size };
    }
    try {
      const announced = attachment.size ?? 0;
      if (announced > maxBytes) throw new SaveProblem(tooLarge(limits, maxBytes));
      const options = { maxBytes, tooLarge: tooLarge(limits, maxBytes), timeoutMs: limits.timeoutMs };
      return { path, size: await saveStream(() => attachment.open(), path, options, deps.clock) };
    } catch (error) {
      if (!(error instanceof SaveProblem)) throw error;
      return { problem: `${shownName(attachment.name)} was not taken along: ${error.message}.` };
    }
  };

  return {
    async save(filesInDir, key, attachments) {
      const stored: StoredAttachment[] = [];
      const problems: string[] = [];
      const folder = safeKey(key);
      if (attachments.length > 0) await mkdir(join(filesInDir, folder), { recursive: true, mode: 0o755 });
      let left = limits.maxTotalBytes;
      for (const [index, attachment] of attachments.slice(0, limits.maxFiles).entries()) {
        const file = `${index + 1}-${safeName(attachment.name)}`;
        const outcome = await keep(
          attachment,
          join(filesInDir, folder, file),
          Math.min(limits.maxBytes, left),
        );
        outcomes.set(attachment, outcome);
        if ('problem' in outcome) {
          problems.push(outcome.problem);
          continue;
        }
        left -= outcome.size;
        stored.push({
          name: shownName(attachment.name),
          type: attachment.mimeType.slice(0, 200),
          size: outcome.size,
          path: `/workspace/in/files/${folder}/${file}`,
        });
      }
      const surplus = attachments.length - limits.maxFiles;
      if (surplus > 0)
        problems.push(`${surplus} more files were not taken along: at most ${limits.maxFiles}.`);
      return { stored, problems };
    },
  };
}

function tooLarge(limits: AttachmentLimits, maxBytes: number): string {
  const mib = (bytes: number) => `${Math.floor(bytes / 2 ** 20)} MiB`;
  return maxBytes < limits.maxBytes
    ? `the files of one message are larger than ${mib(limits.maxTotalBytes)} together`
    : `it is larger than ${mib(limits.maxBytes)}`;
}
