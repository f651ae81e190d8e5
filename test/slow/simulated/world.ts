import path from 'node:path';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import { loadConfig } from '../../../src/config.js';
import { createFakeEngine, createFakeMachine } from '../../../src/engine/fake/index.js';
import { createEnvFile } from '../../../src/env-file.js';
import { type Host, startHost } from '../../../src/host/index.js';
import { createOutboundReader } from '../../../src/outbound-reader/index.js';
import type { OutboundReader } from '../../../src/outbound-reader/types.js';
import { createFakeClock } from '../../fakes/clock.js';
import { createStageOn } from '../../system/crash-matrix/stage.js';
import { eventually } from '../../system/eventually.js';
import { createDiscordPlatform } from '../../system/platforms/discord.js';
import { createRunnerProgram } from './runner.js';

const SECOND = 1000;
/** Rounds of the event loop in which what goes over loopback gets a good part of its way. */
const ROUNDS = 12;
const LONGEST_WAIT_MS = 30 * 60 * SECOND;

/**
 * The whole host in this process, with the real Discord adapter before it, the real reader process and the real
 * agent-runner behind it, on a clock that the test moves.
 */
export async function createSimulation({ chats = 2 } = {}) {
  const clock = createFakeClock(Date.now());
  const platform = await createDiscordPlatform(chats, clock.now);
  const stage = createStageOn(platform);
  const machine = createFakeMachine();
  const envFile = createEnvFile(path.join(stage.home.home, '.env'));
  const config = loadConfig(envFile.read(), { WHARFIE_HOME: stage.home.home });
  const log = pino({ level: 'silent' });
  let host: Host | null = null;
  let reading = 0;

  /** Its deadlines are about a real process: they count real time. */
  function createReader(): OutboundReader {
    const reader = createOutboundReader({ sessionsDir: config.paths.sessions, clock: systemClock, log });
    return {
      ...reader,
      async read(request) {
        reading += 1;
        return reader.read(request).finally(() => {
          reading -= 1;
        });
      },
    };
  }

  /** Time stands still until the reader has answered, and for a few rounds for everybody else. */
  async function quiet(): Promise<void> {
    for (let round = 0; round < ROUNDS || reading > 0; round += 1) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async function pass(ms: number, step = SECOND): Promise<void> {
    for (let left = ms; left > 0; left -= step) {
      await clock.advance(Math.min(step, left));
      await quiet();
    }
  }

  async function until(check: () => boolean, longestMs = LONGEST_WAIT_MS): Promise<void> {
    for (let left = longestMs; !check(); left -= SECOND / 4) {
      if (left <= 0) throw new Error(`it did not happen in ${longestMs / 60_000} minutes`);
      await pass(SECOND / 4, SECOND / 4);
    }
  }

  async function start(): Promise<void> {
    const before = platform.connections();
    const program = createRunnerProgram(clock);
    host = await startHost({
      ...{ config, log, clock, env: envFile },
      random: () => 0.5,
      mockEngine: createFakeEngine({ clock, program, machine }),
      reader: createReader(),
    });
    // The packages load and the gateway is greeted in real time, which the simulated time must not outrun.
    await eventually(async () => {
      await pass(10, 10);
      return platform.connections() > before;
    }, 'the connection');
  }

  async function stop(): Promise<void> {
    const stopping = host?.stop();
    host = null;
    let stopped = false;
    void stopping?.finally(() => {
      stopped = true;
    });
    await until(() => stopped || !stopping);
  }

  onTestFinished(async () => {
    await stop();
    for (const slot of machine.slots.values()) slot.exit();
    await stage.close();
  });
  return { ...stage, clock, start, stop, pass, until, discord: platform.fake };
}

export type Simulation = Awaited<ReturnType<typeof createSimulation>>;
