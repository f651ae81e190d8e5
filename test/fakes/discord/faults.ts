/** What goes wrong with a request: an answer instead of the real one, or none. */
export type Fault =
  | { kind: 'answer'; status: number; body?: unknown; headers?: Record<string, string> }
  /** The connection breaks before, or after, the request was carried out. */
  | { kind: 'cut'; done: boolean }
  /** Carried out, and never answered. */
  | { kind: 'hang' };

export interface Faults {
  /** The next `times` requests (default 1) whose `METHOD path` matches get this instead. */
  next(match: RegExp, fault: Fault, times?: number): void;
  clear(): void;
  take(request: string): Fault | null;
}

export function createFaults(): Faults {
  let armed: { match: RegExp; fault: Fault; left: number }[] = [];
  return {
    next: (match, fault, times = 1) => void armed.push({ match, fault, left: times }),
    clear() {
      armed = [];
    },
    take(request) {
      const found = armed.find(({ match }) => match.test(request));
      if (!found) return null;
      found.left -= 1;
      if (found.left <= 0) armed = armed.filter((one) => one !== found);
      return found.fault;
    },
  };
}
