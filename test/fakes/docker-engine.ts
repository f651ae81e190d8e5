import { once } from 'node:events';
import { createServer } from 'node:http';

/** What an engine tells of itself, and which images it has (docs.docker.com/reference/api/engine/version/v1.43). */
export interface FakeDockerEngine {
  socketPath: string;
  /** Goes on at the same socket. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** The labels of each image that is there. */
  images: Map<string, Record<string, string>>;
  info: { OSType: string; OperatingSystem: string; SecurityOptions: string[]; DockerRootDir: string };
}

/** An engine that can be asked, and starts nothing. */
export async function createFakeDockerEngine(socketPath: string): Promise<FakeDockerEngine> {
  const images = new Map<string, Record<string, string>>();
  const info = { OSType: 'linux', OperatingSystem: 'Debian', SecurityOptions: [], DockerRootDir: '/var/lib' };
  const answerOf = (path: string): { status: number; body: unknown } => {
    if (path === '/info') return { status: 200, body: engine.info };
    if (path === '/containers/json') return { status: 200, body: [] };
    const image = /^\/images\/(.+)\/json$/.exec(path)?.[1];
    const labels = image === undefined ? undefined : images.get(decodeURIComponent(image));
    return labels
      ? { status: 200, body: { Id: 'sha256:1', Config: { Labels: labels } } }
      : { status: 404, body: { message: 'no such object' } };
  };
  const open = () =>
    createServer((request, response) => {
      const { status, body } = answerOf(request.url?.split('?')[0] ?? '');
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
  let server = open();
  const engine: FakeDockerEngine = {
    ...{ socketPath, images, info },
    async start() {
      server = open();
      server.listen(socketPath);
      await once(server, 'listening');
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  await engine.start();
  return engine;
}
