import { Readable } from 'node:stream';
import type { Attachment, FileUpload } from 'chat';
import { z } from 'zod';
import type { Graph } from './graph.js';

export type MediaType = 'image' | 'video' | 'audio' | 'document';

export interface Media {
  type: MediaType;
  id: string;
  filename: string;
}

const KINDS: readonly [RegExp, MediaType][] = [
  [/^image\/(?:jpeg|png)$/, 'image'],
  [/^video\/(?:mp4|3gpp)$/, 'video'],
  [/^audio\/(?:aac|mp4|mpeg|amr|ogg|opus)$/, 'audio'],
];
/** Text of any kind is taken as plain text only; nothing of it changes by that. */
const TEXT = /^text\/|^application\/(?:\w+\+)?(?:json|xml|yaml|x-yaml|javascript|toml)$/;

const mediaSchema = z.object({ id: z.string() });

/** Uploads a file; it stands in no chat yet. */
export async function uploadFile(
  graph: Graph,
  phoneNumberId: string,
  { data, filename, mimeType }: FileUpload,
  signal: AbortSignal | undefined,
): Promise<Media> {
  const told = (mimeType ?? 'application/octet-stream').split(';')[0]?.trim().toLowerCase() ?? '';
  const type = KINDS.find(([kind]) => kind.test(told))?.[1] ?? 'document';
  const bytes = data instanceof Blob ? data : new Uint8Array(data);
  const form = new FormData();
  form.append('messaging_product', 'whatsapp');
  form.append('file', new Blob([bytes], { type: TEXT.test(told) ? 'text/plain' : told }), filename);
  const { id } = mediaSchema.parse(await graph.post<unknown>(`/${phoneNumberId}/media`, form, signal));
  return { type, id, filename };
}

/** The message for an uploaded file. Audio has no caption, and only a document has a name. */
export function mediaMessage({ type, id, filename }: Media, caption: string): object {
  const named = type === 'document' ? { filename } : {};
  return { type, [type]: { id, ...named, ...(caption === '' ? {} : { caption }) } };
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/jpeg': '.jpg',
  'image/png': '.png',
  'image/webp': '.webp',
  'audio/ogg': '.ogg',
  'audio/mpeg': '.mp3',
  'audio/mp4': '.m4a',
  'audio/aac': '.aac',
  'audio/amr': '.amr',
  'video/mp4': '.mp4',
  'video/3gpp': '.3gp',
  'application/pdf': '.pdf',
};

/** Only documents come with a name; programs know a picture by its ending. */
export function fileName({ name, type, mimeType = '' }: Attachment): string {
  if (name?.includes('.')) return name;
  return `${name ?? type}${EXTENSIONS[mimeType.split(';')[0]?.trim() ?? ''] ?? ''}`;
}

const infoSchema = z.object({ url: z.url() });

/** Where WhatsApp keeps what people send: nothing else is told the token. */
const FILE_HOST = /^(?:[\w-]+\.)*(?:fbsbx\.com|fbcdn\.net|facebook\.com|whatsapp\.net)$/;

/** Opens an attachment that the adapter described (`fetchMetadata.mediaId`). */
export async function openWhatsAppFile(
  graph: Graph,
  attachment: Attachment,
  options: { apiUrl: string; signal: AbortSignal },
): Promise<Readable> {
  const { mediaId } = attachment.fetchMetadata ?? {};
  if (!mediaId || !/^\w+$/.test(mediaId)) throw new Error('the attachment has no file');
  const found = await graph.read(`/${mediaId}`, infoSchema, options.signal);
  const url = new URL(found.url);
  const own = url.origin === new URL(options.apiUrl).origin;
  if (!own && !(url.protocol === 'https:' && FILE_HOST.test(url.hostname))) {
    throw new Error('the attachment does not lie with WhatsApp');
  }
  const { body } = await graph.download(url.href, options.signal);
  if (!body) throw new Error('the file is empty');
  return Readable.fromWeb(body);
}
