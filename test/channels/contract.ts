import { describe, expect, test } from 'vitest';
import { factsOf } from '../../src/channels/catalog/index.js';
import { connectionCases } from './contract/connection.js';
import { deliveryCases } from './contract/delivery.js';
import { hostileCases } from './contract/hostile.js';
import { intakeCases } from './contract/intake.js';
import { previewCases } from './contract/previews.js';
import { repeatedCases } from './contract/repeated.js';
import type { RecordingHost, Stage } from './contract/stage.js';
import { createRecordingHost } from './contract/stage.js';
import { wordsCases } from './contract/words.js';

export type ContractCase = (stage: Stage, host: RecordingHost) => Promise<void>;

const cases = {
  ...intakeCases,
  ...repeatedCases,
  ...wordsCases,
  ...hostileCases,
  ...deliveryCases,
  ...previewCases,
  ...connectionCases,
};
export type CaseName = keyof typeof cases;

export interface ChannelFixture {
  channelType: string;
  /** A fresh fake of the platform and an adapter for it, not yet started. */
  open(): Promise<Stage>;
  /** What this platform cannot have, each with the reason. */
  cannot: Partial<Record<CaseName, string>>;
}

/** The one suite that every channel passes against a fake of its platform. */
export function channelContract(fixture: ChannelFixture): void {
  describe(`channel contract: ${fixture.channelType}`, () => {
    test('it tells of what the catalog says', () => {
      const { tellsEdits, tellsDeletions } = factsOf(fixture.channelType.replace(/ .*/, ''));
      const isShown = (name: CaseName) => fixture.cannot[name] === undefined;
      expect({ tellsEdits, tellsDeletions }).toEqual({
        tellsEdits: isShown('an edit has the new words and names the message'),
        tellsDeletions: isShown('a deletion names the message'),
      });
    });
    for (const [name, run] of Object.entries<ContractCase>(cases)) {
      const reason = Object.entries(fixture.cannot).find(([skipped]) => skipped === name)?.[1];
      if (reason !== undefined) {
        test.skip(`${name} (not here: ${reason})`, () => {});
        continue;
      }
      test(name, async () => {
        const stage = await fixture.open();
        try {
          await run(stage, createRecordingHost());
        } finally {
          await stage.adapter.stop();
          await stage.close();
        }
      });
    }
  });
}
