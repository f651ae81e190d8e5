import { Readable } from 'node:stream';
import type { Attachment, FileUpload } from 'chat';
import { z } from 'zod';
import { within } from '../../async/deadline.js';
import type { Clock } from '../../clock.js';
import { linearFacts } from '../catalog/linear.js';
import { networkErrorOf } from '../chat-sdk/errors.js';
import type { LinearApi } from './api.js';
import { error } from './errors.js';

const UPLOAD = `mutation Upload($contentType: String!, $filename: String!, $size: Int!) {
  fileUpload(contentType: $contentType, filename: $filename, size: $size) {
    uploadFile { uploadUrl assetUrl headers { key value } }
  }
}`;
const uploadSchema = z.object({
  fileUpload: z.object({
    uploadFile: z.object({
      uploadUrl: z.url(),
      assetUrl: z.url(),
      headers: z.array(z.object({ key: z.string(), value: z.string() })),
    }),
  }),
});
const LONGEST_UPLOAD_MS = 60_000;

/** Puts a file where Linear says, and gives the Markdown that shows it. Nothing stands in an issue before that is said. */
export async function uploadFile(
  { api, clock }: { api: LinearApi; clock: Clock },
  file: FileUpload,
  signal: AbortSignal | undefined,
): Promise<string> {
  const bytes = new Uint8Array(file.data instanceof Blob ? await file.data.arrayBuffer() : file.data);
  const contentType = file.mimeType ?? 'application/octet-stream';
  const asked = { contentType, filename: file.filename, size: bytes.length };
  const { uploadFile: place } = (await api.call(UPLOAD, asked, uploadSchema, signal)).fileUpload;
  const headers = {
    ...{ 'Content-Type': contentType, 'Cache-Control': 'public, max-age=31536000' },
    ...Object.fromEntries(place.headers.map(({ key, value }) => [key, value])),
  };
  const { ok, status } = await within(clock, LONGEST_UPLOAD_MS, signal, (until) =>
    fetch(place.uploadUrl, { method: 'PUT', headers, body: bytes, signal: until }),
  ).catch((thrown) => {
    throw networkErrorOf(thrown, linearFacts);
  });
  if (!ok) {
    const message = `Linear did not take the file (${status}).`;
    throw error('upload-failed', message, 'It is tried again.', status >= 500 ? 'transient' : 'permanent');
  }
  const label = file.filename.replace(/[\\[\]]/g, '\\$&');
  return `${contentType.startsWith('image/') ? '!' : ''}[${label}](${place.assetUrl})`;
}

/** Where Linear keeps files: nothing else is fetched, and told the key, because a comment says so. */
const FILE_HOST = 'uploads.linear.app';
/** Bounded, so that a text of brackets costs no more than any other. */
const LINK = /(!?)\[((?:\\.|[^\]\\]){0,300})\]\((https?:\/\/[^\s)]{1,2000})\)/g;

/** Another API address (a gateway) may offer files too; below no other path, or a link would ask the API itself with our key. */
const isLinears = (url: URL, apiUrl: string) =>
  (url.protocol === 'https:' && url.hostname === FILE_HOST) ||
  (url.origin === new URL(apiUrl).origin && url.pathname.startsWith('/files/'));

/** The files of Linear's that a Markdown text shows or links to. */
export function filesIn(markdown: string, apiUrl: string): Attachment[] {
  const found = [...markdown.matchAll(LINK)].filter(
    ([, , , url = '']) => URL.canParse(url) && isLinears(new URL(url), apiUrl),
  );
  return found.map(([, image, label = '', url = '']) => ({
    type: image ? ('image' as const) : ('file' as const),
    url,
    name: label.replace(/\\(.)/g, '$1') || 'file',
  }));
}

export async function openLinearFile(
  attachment: Attachment,
  { api, apiUrl, signal }: { api: LinearApi; apiUrl: string; signal: AbortSignal },
): Promise<Readable> {
  const url = new URL(attachment.url ?? '');
  if (!isLinears(url, apiUrl)) throw new Error('the attachment does not lie with Linear');
  const response = await api.open(url, signal);
  if (!response.ok || !response.body)
    throw new Error(`Linear did not give the attachment (${response.status})`);
  return Readable.fromWeb(response.body);
}
