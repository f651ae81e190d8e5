/** The side of a platform that calls webhooks. */
export interface Caller {
  /** Calls after everything of that lane has been answered, so that a chat keeps its order. Resolves with the status. */
  call(lane: string, authorization: string | null, body: unknown): Promise<number>;
  /** The status that what was called last in that lane gets. */
  last(lane: string): Promise<number>;
  /** Resolves when all has been answered. */
  idle(): Promise<void>;
}

/** A status of 0: nobody answered. */
export function createCaller(url: () => string): Caller {
  const lanes = new Map<string, Promise<number>>();

  async function post(authorization: string | null, body: unknown): Promise<number> {
    const headers = { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) };
    try {
      const response = await fetch(url(), { method: 'POST', headers, body: JSON.stringify(body) });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return 0;
    }
  }

  return {
    call(lane, authorization, body) {
      const before = lanes.get(lane) ?? Promise.resolve(0);
      const answered = before.then(() => post(authorization, body));
      lanes.set(lane, answered);
      return answered;
    },
    last: async (lane) => lanes.get(lane) ?? 0,
    async idle() {
      await Promise.all(lanes.values());
    },
  };
}
