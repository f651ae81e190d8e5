import type { FileUpload } from 'chat';
import { teamsError } from './errors.js';

/** Teams takes 100 KB for all of a message, of which pictures stand in it as text (four characters for three bytes). */
const LARGEST = 72_000;
const PICTURE = /^image\/(?:png|jpe?g|gif)$/;

/** Files as they are put into a message: pictures, while they are small. Everything else needs the person's consent each time. */
export async function attachmentsOf(files: readonly FileUpload[]): Promise<object[]> {
  const attachments: object[] = [];
  let size = 0;
  for (const { data, filename, mimeType = '' } of files) {
    const bytes = Buffer.from(new Uint8Array(data instanceof Blob ? await data.arrayBuffer() : data));
    size += bytes.length;
    if (!PICTURE.test(mimeType) || size > LARGEST) {
      throw teamsError(
        'file-refused',
        'Teams takes only small pictures from a bot (PNG, JPEG or GIF, 70 KB in all).',
        'Send a smaller picture, or say what is in the file as text.',
        { errorClass: 'permanent' },
      );
    }
    const contentUrl = `data:${mimeType};base64,${bytes.toString('base64')}`;
    attachments.push({ contentType: mimeType, contentUrl, name: filename });
  }
  return attachments;
}
