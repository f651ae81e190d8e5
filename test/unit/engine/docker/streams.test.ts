import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createAttachment } from '../../../../src/engine/docker/attachment.js';
import { connectDocker } from '../../../../src/engine/docker/connection.js';
import { createEventStream } from '../../../../src/engine/docker/events.js';
import { createFakeClock } from '../../../fakes/clock.js';

/** An engine that takes requests and answers none by itself. */
async function silentEngine() {
  const folder = mkdtempSync(path.join(tmpdir(), 'wharfie-engine-'));
  const socketPath = path.join(folder, 'docker.sock');
  const server = createServer(() => {});
  server.listen(socketPath);
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });
  const asked = async (): Promise<{ request: IncomingMessage; response: ServerResponse }> => {
    const [request, response] = await once(server, 'request');
    return { request, response };
  };
  return { docker: connectDocker(socketPath).streams, asked };
}

type Silent = Awaited<ReturnType<typeof silentEngine>>;
type FakeClock = ReturnType<typeof createFakeClock>;
const nothing = () => {};

const events = ({ docker }: Silent, clock: FakeClock) =>
  createEventStream({
    ...{ docker, clock, installationId: 'unit' },
    ...{ onEnd: nothing, onReconnect: nothing, onError: nothing },
  });

it('events that do not begin within a minute count as an engine that does not answer', async () => {
  const [engine, clock] = [await silentEngine(), createFakeClock()];
  const { ready } = events(engine, clock);
  const [result] = await Promise.all([
    ready().catch((error: Error) => error.name),
    engine.asked().then(() => clock.advance(60_000)),
  ]);
  expect(result).toBe('AbortError');
  expect(clock.pending()).toBe(0);
});

it('events that have begun may last', async () => {
  const [engine, clock] = [await silentEngine(), createFakeClock()];
  const stream = events(engine, clock);
  const [, { request, response }] = await Promise.all([
    stream.ready(),
    engine.asked().then((exchange) => {
      exchange.response.writeHead(200).flushHeaders();
      return exchange;
    }),
  ]);
  expect(request.url).not.toContain('abortSignal');
  await clock.advance(3_600_000);
  expect(response.destroyed).toBe(false);
  stream.close();
});

it('a bell that is not attached within a minute is tried again by whoever asked', async () => {
  const [engine, clock] = [await silentEngine(), createFakeClock()];
  const container = engine.docker.getContainer('c1');
  const listeners = { onRing: nothing, onLost: nothing, onMute: nothing };
  const attachment = createAttachment({ container, clock, ...listeners });
  const [result] = await Promise.all([
    attachment.attach().catch((error: Error) => error.name),
    engine.asked().then(() => clock.advance(60_000)),
  ]);
  expect(result).toBe('AbortError');
  expect(attachment.settled).toBe(false);
});
