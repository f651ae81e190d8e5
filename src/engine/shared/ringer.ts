/**
 * The outgoing bell. While a newline is on its way further rings become one: nobody can pile up writes, and a ring
 * that came after a commit is still sent after it. `write` calls `done` when it can take the next one.
 */
export function createRinger(write: (done: () => void) => void): () => void {
  let writing = false;
  let again = false;
  const send = () => {
    writing = true;
    write(() => {
      writing = false;
      if (!again) return;
      again = false;
      send();
    });
  };
  return () => {
    if (writing) again = true;
    else send();
  };
}
