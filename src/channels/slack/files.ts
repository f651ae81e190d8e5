import { Readable } from 'node:stream';
import type { Attachment, FileUpload } from 'chat';
import { z } from 'zod';
import type { Fields, SlackRest } from './rest.js';
import { fileSchema, type SlackFile } from './words.js';

const urlSchema = z.object({ upload_url: z.url(), file_id: z.string() });
const shareSchema = z.record(z.string(), z.array(z.object({ ts: z.string() })));
const infoSchema = z.object({
  file: z.object({
    shares: z.object({ public: shareSchema.optional(), private: shareSchema.optional() }).default({}),
  }),
});
const doneSchema = z.object({});

export interface ShareRequest {
  place: Fields;
  comment: string;
  files: readonly FileUpload[];
  signal: AbortSignal | undefined;
}

/**
 * Uploads files and says them as one message. The id of that message: Slack does not tell it in its answer, and a
 * moment later perhaps; where it does not, the file's id stands for it.
 */
export async function shareFiles(rest: SlackRest, request: ShareRequest): Promise<string> {
  const { place, comment, signal } = request;
  const files: { id: string; title: string }[] = [];
  for (const file of request.files) {
    const bytes = await bytesOf(file);
    const asked = { filename: file.filename, length: bytes.length };
    const { upload_url, file_id } = await rest.call('files.getUploadURLExternal', urlSchema, asked, signal);
    await rest.upload(upload_url, bytes, signal);
    files.push({ id: file_id, title: file.filename });
  }
  const { channel, thread_ts } = place;
  const said = { files, channel_id: channel, thread_ts, ...(comment ? { initial_comment: comment } : {}) };
  await rest.call('files.completeUploadExternal', doneSchema, said, signal);
  const first = files[0]?.id ?? '';
  return (await messageOf(rest, first, String(channel), signal)) ?? `file:${first}`;
}

async function messageOf(
  rest: SlackRest,
  file: string,
  channel: string,
  signal: AbortSignal | undefined,
): Promise<string | null> {
  const info = await rest.call('files.info', infoSchema, { file }, signal).catch(() => null);
  const shares = info?.file.shares;
  return (shares?.public?.[channel] ?? shares?.private?.[channel])?.[0]?.ts ?? null;
}

async function bytesOf({ data }: FileUpload): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(data instanceof Blob ? await data.arrayBuffer() : data);
}

/** Some are named only, or lie with somebody else (docs.slack.dev/reference/objects/file-object). */
export function isHandedOver(file: unknown): boolean {
  const { mode, url_private } = fileSchema.catch(NO_FILE).parse(file);
  return url_private !== '' && mode !== 'external';
}

const NO_FILE = {
  id: '',
  name: '',
  title: '',
  mimetype: undefined,
  size: undefined,
  mode: '',
  file_access: '',
  url_private: '',
};
const MOST_LOOKED_UP = 10;

/**
 * Files that a message only names. One of another workspace is asked for
 * (docs.slack.dev/apis/slack-connect/using-slack-connect-in-apps#slack_connect_files); what became of others is told.
 */
export async function lookUpFiles(
  rest: SlackRest,
  named: readonly SlackFile[],
): Promise<{ files: Attachment[]; problems: string[] }> {
  const files: Attachment[] = [];
  const problems: string[] = [];
  const missing = named.filter((file) => !isHandedOver(file) && file.mode !== 'external');
  for (const [at, file] of missing.entries()) {
    const asks = file.file_access === 'check_file_info' && file.id !== '' && at < MOST_LOOKED_UP;
    const found = asks ? await fileOf(rest, file.id) : null;
    if (found && isHandedOver(found)) files.push(attachmentOf(found));
    else
      problems.push(
        `${file.title || file.name || 'A file'}: ${GONE[file.mode] ?? 'Slack did not hand it over.'}`,
      );
  }
  return { files, problems };
}

const GONE: Readonly<Record<string, string>> = {
  tombstone: 'the file was deleted.',
  hidden_by_limit: 'the file is older than what the workspace may still see.',
};

async function fileOf(rest: SlackRest, file: string): Promise<SlackFile | null> {
  const answer = await rest.call('files.info', z.object({ file: fileSchema }), { file }).catch(() => null);
  return answer?.file ?? null;
}

export function attachmentOf({ name, title, mimetype, size, url_private }: SlackFile): Attachment {
  return {
    type: 'file',
    url: url_private,
    name: name || title || 'file',
    ...(mimetype ? { mimeType: mimetype } : {}),
    ...(size === undefined ? {} : { size }),
  };
}

/** Where Slack keeps attachments: nothing else is downloaded, and told the token, because a message says so. */
const FILE_HOST = /^(?:[\w-]+\.)*slack\.com$|^(?:[\w-]+\.)*slack-edge\.com$/;

export async function openSlackFile(
  attachment: Attachment,
  options: { apiUrl: string; token: string; signal: AbortSignal },
): Promise<Readable> {
  const url = new URL(attachment.url ?? '');
  const own = url.origin === new URL(options.apiUrl).origin;
  const isFile = own || (url.protocol === 'https:' && FILE_HOST.test(url.hostname));
  // The Web API has the same host and takes the same token: it would answer whatever an address asks of it.
  if (!isFile || /^\/api(?:\/|$)/i.test(url.pathname)) {
    throw new Error('the attachment does not lie with Slack');
  }
  const headers = { Authorization: `Bearer ${options.token}` };
  const response = await fetch(url, { signal: options.signal, headers, redirect: 'error' });
  // Without the right to read files, Slack answers with the page of its login.
  const login =
    response.headers.get('content-type')?.startsWith('text/html') && !attachment.mimeType?.includes('html');
  if (login) throw new Error('Slack gave its login page: the app lacks the scope files:read');
  if (!response.ok || !response.body)
    throw new Error(`Slack did not give the attachment (${response.status})`);
  return Readable.fromWeb(response.body);
}
