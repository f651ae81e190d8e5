import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FakeApproval } from './types.js';

/** The gateway's two routes for approvals: a long poll for what is held, and the decisions. */
export function createApprovals(apiKey: string) {
  const held = new Map<string, { approval: FakeApproval; decide(decision: string): void }>();
  const decisions = new Map<string, string>();
  const polls = new Set<() => void>();
  const pending = (exclude: string[]) =>
    [...held.values()].map(({ approval }) => approval).filter(({ id }) => !exclude.includes(id));

  const reply = (response: ServerResponse, status: number, body: unknown) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://fake');
    const body = String(Buffer.concat(await request.toArray()));
    if (request.headers.authorization !== `Bearer ${apiKey}`) return reply(response, 401, {});
    if (url.pathname === '/v1/approvals/pending') {
      const exclude = (url.searchParams.get('exclude') ?? '').split(',');
      const say = () => {
        polls.delete(say);
        reply(response, 200, { requests: pending(exclude).map(wire), timeoutSeconds: 180 });
      };
      response.once('close', () => polls.delete(say));
      if (pending(exclude).length > 0) say();
      else polls.add(say);
      return;
    }
    const [, id = ''] = /^\/v1\/approvals\/([^/]+)\/decision$/.exec(url.pathname) ?? [];
    const found = held.get(decodeURIComponent(id));
    if (!found) return reply(response, 404, { error: 'approval_not_found' });
    const { decision } = JSON.parse(body);
    held.delete(decodeURIComponent(id));
    decisions.set(decodeURIComponent(id), decision);
    found.decide(decision);
    reply(response, 200, { success: true });
  };

  return {
    decisions,
    take: (request: IncomingMessage, response: ServerResponse) => {
      take(request, response).catch(() => response.destroy());
    },
    hold: (approval: FakeApproval) =>
      new Promise<string>((decide) => {
        held.set(approval.id, { approval, decide });
        for (const say of [...polls]) say();
      }),
    close() {
      polls.clear();
    },
  };
}

function wire(approval: FakeApproval) {
  const { host, pathname, search } = new URL(approval.url);
  return { ...approval, host, path: pathname + search, headers: {}, createdAt: new Date().toISOString() };
}
