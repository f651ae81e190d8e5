/** Bounds how much is under way at once, a group of work each, first come first served. */
export interface Slots {
  /** Resolves with what gives the place back. */
  take(group: string): Promise<() => void>;
  hasFree(group: string): boolean;
}

interface Group {
  busy: number;
  waiting: (() => void)[];
}

export function createSlots(max: number): Slots {
  const groups = new Map<string, Group>();
  const giveBack = (name: string, group: Group) => {
    const next = group.waiting.shift();
    // The place goes straight to the next in line: nobody who comes now gets in before.
    if (next) return next();
    group.busy -= 1;
    if (group.busy === 0) groups.delete(name);
  };
  return {
    async take(name) {
      const group = groups.get(name) ?? { busy: 0, waiting: [] };
      groups.set(name, group);
      if (group.busy < max) group.busy += 1;
      else await new Promise<void>((resolve) => group.waiting.push(resolve));
      let given = false;
      return () => {
        if (given) return;
        given = true;
        giveBack(name, group);
      };
    },
    hasFree: (name) => (groups.get(name)?.busy ?? 0) < max,
  };
}
