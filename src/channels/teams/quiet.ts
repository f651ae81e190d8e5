/**
 * Makes something whose Teams SDK writes nothing to the console: there it would tell of every start that it leaves
 * the look at callers to us, and later quote what it is sent. Its switch is this variable, read when it is made.
 */
export function quietly<T>(make: () => T): T {
  const before = process.env.LOG;
  process.env.LOG = '-@teams*';
  try {
    return make();
  } finally {
    if (before === undefined) delete process.env.LOG;
    else process.env.LOG = before;
  }
}
