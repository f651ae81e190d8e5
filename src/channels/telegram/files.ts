import { Readable } from 'node:stream';
import type { Attachment, FileUpload } from 'chat';
import { z } from 'zod';
import type { TelegramApi } from './api.js';

/** Telegram takes as many in one message. */
const MOST_TOGETHER = 10;

interface Caption {
  text: string;
  parse_mode?: string;
}

/**
 * The requests that send these files as documents, so that their bytes stay as they are: one for up to ten of them.
 * The first bears the caption and what it answers.
 */
export async function fileForms(
  target: Readonly<Record<string, unknown>>,
  caption: Caption | null,
  files: readonly FileUpload[],
): Promise<{ method: string; form: FormData }[]> {
  const { reply_parameters, ...chat } = target;
  const forms: { method: string; form: FormData }[] = [];
  for (let at = 0; at < files.length; at += MOST_TOGETHER) {
    const first = at === 0;
    const fields = first && reply_parameters ? { ...chat, reply_parameters } : chat;
    const some = files.slice(at, at + MOST_TOGETHER);
    forms.push(await formOf(fields, first && caption?.text ? caption : null, some));
  }
  return forms;
}

async function formOf(fields: object, caption: Caption | null, files: readonly FileUpload[]) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    form.append(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  const said = caption
    ? { caption: caption.text, ...(caption.parse_mode && { parse_mode: caption.parse_mode }) }
    : {};
  const [only] = files;
  if (files.length === 1 && only) {
    for (const [name, value] of Object.entries(said)) form.append(name, value);
    form.append('document', await blobOf(only), only.filename);
    return { method: 'sendDocument', form };
  }
  const media = files.map((_, index) => ({
    type: 'document',
    media: `attach://file${index}`,
    ...(index === 0 ? said : {}),
  }));
  form.append('media', JSON.stringify(media));
  for (const [index, file] of files.entries()) form.append(`file${index}`, await blobOf(file), file.filename);
  return { method: 'sendMediaGroup', form };
}

async function blobOf({ data, mimeType }: FileUpload): Promise<Blob> {
  const bytes = data instanceof Blob ? data : new Uint8Array(data);
  return new Blob([bytes], { type: mimeType ?? 'application/octet-stream' });
}

const fileSchema = z.object({ file_path: z.string().regex(/^[\w./-]+$/) });

/** Opens an attachment that the adapter described (`fetchMetadata.fileId`). */
export async function openTelegramFile(
  api: TelegramApi,
  attachment: Attachment,
  signal: AbortSignal,
): Promise<Readable> {
  const { fileId } = attachment.fetchMetadata ?? {};
  if (!fileId) throw new Error('the attachment has no file');
  const { file_path } = await api.read('getFile', fileSchema, { file_id: fileId }, { signal });
  const { body } = await api.download(file_path, signal);
  if (!body) throw new Error('the file is empty');
  return Readable.fromWeb(body);
}
