/** What a service manager has to run, whichever it is. */
export interface ServiceUnit {
  /** Unique on this machine: the name of its unit. */
  name: string;
  /** The checkout. */
  root: string;
  /** Where `data/`, `groups/` and `.env` lie. */
  home: string;
  /** The absolute path of the Node that runs this. */
  node: string;
  /** The PATH of the program: the tools that it starts are looked for there. */
  path: string;
}

export type ServiceKind = 'systemd-user' | 'systemd-system' | 'launchd' | 'wrapper';

/** The program and its arguments, the same everywhere: what `npm start -- --service` runs. */
export function commandOf({ node, root }: ServiceUnit): string[] {
  return [node, `${root}/scripts/built/run.mjs`, 'host', '--service'];
}

/** A word of a command that a person is to copy. */
export function quoteForShell(word: string): string {
  return /^[\w./:=@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
