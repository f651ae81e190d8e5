import { z } from 'zod';

/*
 * Parts of a packet that say something besides its ids. What is of the wrong shape is left out: it makes no message one
 * that cannot be read.
 */

/** What may be there. */
export const maybe = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);

/** At most so many entries, of which those of another shape are left out. */
export const listOf = <T extends z.ZodType>(schema: T, most: number) =>
  z
    .array(z.unknown())
    .catch([])
    .transform((all) =>
      all.slice(0, most).flatMap((one): z.output<T>[] => {
        const found = schema.safeParse(one);
        return found.success ? [found.data] : [];
      }),
    );

/** A text of at most so many UTF-16 units, and a sign where there was more; empty where there is none. */
export const cutAfter = (longest: number) => (text: string) =>
  text.length > longest ? `${text.slice(0, longest)}…` : text;
