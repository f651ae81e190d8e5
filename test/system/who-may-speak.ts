/** What a test that registers a group says when it is asked who may speak there, unless the question is what it tests. */
const ANSWER = ['--unknown-senders', 'open'];

/** The flags again with an answer; null where the step did not ask. `output`: its block, in either form. */
export function answered(exitCode: number | null, output: string, argv: readonly string[]): string[] | null {
  const asked = exitCode === 3 && output.includes('Who may speak');
  return asked && !argv.includes('--unknown-senders') ? [...argv, ...ANSWER] : null;
}
