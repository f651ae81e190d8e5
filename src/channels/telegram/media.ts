import type { Attachment } from 'chat';
import { z } from 'zod';

const text = z.string().optional().catch(undefined);
const fileSchema = z.object({
  file_id: z.string(),
  file_size: z.number().optional().catch(undefined),
  file_name: text,
  mime_type: text,
  is_video: z.boolean().catch(false),
  is_animated: z.boolean().catch(false),
});
type File = z.infer<typeof fileSchema>;

const file = fileSchema.optional().catch(undefined);
const sizes = z.array(z.unknown()).max(50).catch([]);
const paidSchema = z.object({ photo: sizes, video: file, live_photo: file });
const mediaSchema = z
  .object({
    photo: sizes,
    video: file,
    audio: file,
    voice: file,
    document: file,
    video_note: file,
    animation: file,
    sticker: file,
    live_photo: file,
    paid_media: z
      .object({ paid_media: z.array(z.unknown()).catch([]) })
      .optional()
      .catch(undefined),
  })
  .catch({ photo: [] });

/** Telegram sells ten together at most. */
const MOST_PAID = 10;

/** Everything in a message that is a file (core.telegram.org/bots/api#message, #externalreplyinfo). */
export function filesOf(raw: unknown): Attachment[] {
  const media = mediaSchema.parse(raw);
  const { audio, voice, animation, video_note: note, sticker } = media;
  const stickerType = sticker?.is_video ? 'video/webm' : 'image/webp';
  return [
    ...photos(media.photo),
    ...one('video', media.video),
    ...one('audio', audio),
    ...one('audio', voice),
    // An animation comes as a document too.
    ...(animation ? [] : one('file', media.document)),
    ...one('video', note),
    ...one('video', animation),
    ...one('image', sticker, sticker?.is_animated ? 'application/x-tgsticker' : stickerType),
    ...extraFilesOf(raw),
  ];
}

/** Those of them that the adapter passes over. */
export function extraFilesOf(raw: unknown): Attachment[] {
  const { live_photo, paid_media } = mediaSchema.parse(raw);
  const paid = (paid_media?.paid_media ?? [])
    .slice(0, MOST_PAID)
    .flatMap((item) => paidSchema.safeParse(item).data ?? []);
  return [
    ...one('video', live_photo),
    ...paid.flatMap((item) => [
      ...photos(item.photo),
      ...one('video', item.video),
      ...one('video', item.live_photo),
    ]),
  ];
}

const NAMES = {
  video: 'video',
  audio: 'audio',
  voice: 'voice message',
  video_note: 'video message',
  animation: 'animation',
  document: 'file',
} as const;

/** What a file is, for where it may not be fetched; empty: there is none. */
export function fileWords(raw: unknown): string {
  const media = mediaSchema.parse(raw);
  if (media.photo.length > 0) return '[photo]';
  for (const kind of ['video', 'audio', 'voice', 'video_note', 'animation', 'document'] as const) {
    const found = media[kind];
    if (found)
      return found.file_name ? `[${NAMES[kind]}: ${found.file_name.slice(0, 200)}]` : `[${NAMES[kind]}]`;
  }
  return '';
}

/** The last one is the largest. */
const photos = (sizes: readonly unknown[]): Attachment[] =>
  one('image', fileSchema.safeParse(sizes.at(-1)).data, 'image/jpeg');

function one(type: Attachment['type'], found: File | undefined, mimeType = found?.mime_type): Attachment[] {
  if (!found) return [];
  const { file_id: fileId, file_size: size, file_name: name } = found;
  return [
    {
      type,
      fetchMetadata: { fileId },
      ...(size === undefined ? {} : { size }),
      ...(name === undefined ? {} : { name }),
      ...(mimeType === undefined ? {} : { mimeType }),
    },
  ];
}
