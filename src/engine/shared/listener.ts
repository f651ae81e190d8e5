/** One listener for the runner's rings. A ring that comes before there is a listener is kept for it. */
export interface RingListener {
  set(listener: () => void): void;
  /** Tells the listener; calls before it has run are one call. */
  ring(): void;
}

export function createRingListener(): RingListener {
  let listener: (() => void) | null = null;
  let waiting = false;
  const tell = () => {
    if (!listener || !waiting) return;
    waiting = false;
    listener();
  };
  return {
    set(next) {
      listener = next;
      if (waiting) queueMicrotask(tell);
    },
    ring() {
      if (waiting) return;
      waiting = true;
      queueMicrotask(tell);
    },
  };
}
