import type Docker from 'dockerode';
import { type Clock, sleep } from '../../src/clock.js';
import { orGone } from '../../src/engine/docker/errors.js';
import { INSTALLATION } from '../../src/engine/docker/labels.js';
import type { Finding } from './types.js';

const LONGEST_MS = 10_000;
const DEAF = 3;

/** Knocks at the socket by which a container reaches the model; what is said there is the gateway's matter. */
const KNOCK = `
const socket = require('node:net').connect('/run/wharfie/egress.sock');
socket.on('connect', () => process.exit(0));
socket.on('error', () => process.exit(${DEAF}));
setTimeout(() => process.exit(${DEAF}), 5000);
`;

export interface DoorFacts {
  name: string;
  /** Null: it could not be asked. */
  open: boolean | null;
  /** Ends it; the host starts another one for its messages. */
  end(): Promise<void>;
}

/** Each running container of this installation that has a door, asked from inside. */
export async function gatherDoors(
  docker: Docker,
  installationId: string,
  clock: Clock,
): Promise<DoorFacts[]> {
  const filters = { label: [`${INSTALLATION}=${installationId}`], status: ['running'] };
  const found = await docker.listContainers({ filters });
  const withDoor = found.filter(({ Mounts }) => Mounts.some((one) => one.Destination === '/run/wharfie'));
  return Promise.all(
    withDoor.map(async ({ Id, Names }) => {
      const container = docker.getContainer(Id);
      return {
        name: Names[0]?.slice(1) ?? Id.slice(0, 12),
        open: await Promise.race([knock(container), sleep(clock, LONGEST_MS).then(() => null)]),
        end: async () => void (await orGone(container.kill())),
      };
    }),
  );
}

async function knock(container: Docker.Container): Promise<boolean | null> {
  try {
    const exec = await container.exec({ Cmd: ['node', '-e', KNOCK], AttachStdout: true, AttachStderr: true });
    const stream = await exec.start({});
    await new Promise<void>((resolve) => {
      stream.on('end', resolve).on('close', resolve).on('error', resolve).resume();
    });
    const { ExitCode } = await exec.inspect();
    if (ExitCode === 0) return true;
    return ExitCode === DEAF ? false : null;
  } catch {
    // It has ended meanwhile, or the engine cannot: nothing is known of it.
    return null;
  }
}

export function judgeDoors(doors: readonly DoorFacts[]): Finding[] {
  return doors.flatMap((door): Finding[] => {
    if (door.open !== false) return [];
    return [
      {
        id: 'container-deaf',
        layer: 'round-trip',
        severity: 'error',
        message: `The container ${door.name} does not reach the host: its way to the model leads to a folder where nobody listens, so its chat gets no answer.`,
        fix: './wharfie verify --fix (which ends that container; a new one answers what waits)',
        repair: () => door.end(),
      },
    ];
  });
}
