import { afterEach, beforeEach } from 'vitest';
import { createRecordingHost, type RecordingHost, type Stage } from './stage.js';

/** A stage and a host of its own for each test of a file; `started`: the adapter is connected. */
export function useStage<Opened extends Stage>(open: () => Promise<Opened>, { started = true } = {}) {
  let current: { stage: Opened; host: RecordingHost } | null = null;
  const used = () => {
    if (!current) throw new Error('there is a stage within a test only');
    return current;
  };
  beforeEach(async () => {
    current = { stage: await open(), host: createRecordingHost() };
    if (started) await current.stage.adapter.start(current.host);
  });
  afterEach(async () => {
    const { stage } = used();
    await stage.adapter.stop();
    await stage.close();
  });
  return {
    get stage() {
      return used().stage;
    },
    get host() {
      return used().host;
    },
  };
}
