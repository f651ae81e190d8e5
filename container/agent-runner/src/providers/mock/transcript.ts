import { appendFileSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { jsonOf } from '../../json.ts';

const lineSchema = z.object({
  conversation: z.string(),
  /** A push that was taken in. */
  uuid: z.string().optional(),
  prompt: z.string().optional(),
  /** A failure that was asked for and has happened. */
  failed: z.string().optional(),
});
type Line = z.infer<typeof lineSchema>;

/** The mock's memory: a file that outlives its process, as a real provider's transcript does. */
export interface Transcript {
  append(line: Line): void;
  all(): Line[];
  of(conversation: string): Line[];
}

export function createTranscript(file: string): Transcript {
  const lines = (): Line[] => {
    try {
      const text = readFileSync(file, 'utf8');
      // The last line may have been cut off by a kill.
      return text.split('\n').flatMap((line) => {
        const parsed = lineSchema.safeParse(jsonOf(line));
        return parsed.success ? [parsed.data] : [];
      });
    } catch {
      return [];
    }
  };
  return {
    append: (line) => appendFileSync(file, `${JSON.stringify(line)}\n`),
    all: lines,
    of: (conversation) => lines().filter((line) => line.conversation === conversation),
  };
}
