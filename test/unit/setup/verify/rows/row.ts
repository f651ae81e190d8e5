import type { Prepared } from '../prepared.js';

/** A misconfiguration of an installation that answers. */
export interface Row {
  make: (at: Prepared) => void | Promise<void>;
  /** What must be named. */
  id: string;
  /** Of the message: the cause as a person would name it. */
  says?: RegExp;
  /** What a person does where the fix is no command; else the fix itself is run. */
  act?: (at: Prepared) => void | Promise<void>;
  /** What the fix asks for in a terminal. */
  secrets?: Record<string, string>;
  /** Beside what the row is about: what the fix leaves to do. */
  after?: (at: Prepared) => void | Promise<void>;
  /** The platforms and the model are asked too; there is no engine then, in which the model could be tried. */
  online?: true;
}

export const sql = (text: string) => (at: Prepared) => at.sql(text);
export const env =
  (change: Record<string, string | undefined>) =>
  (at: Prepared): void =>
    at.writeEnv(change);
export const config = (name: string, value: string): Row => ({
  make: env({ [name]: value }),
  id: 'config-invalid',
  says: new RegExp(name),
});
