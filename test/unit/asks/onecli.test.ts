import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import type { HeldRequest } from '../../../src/credentials/onecli/approval-request.js';
import { watchApprovals } from '../../../src/credentials/onecli/approvals.js';
import { createFakeClock } from '../../fakes/clock.js';
import { silentLog } from '../../fakes/log.js';
import { createFakeOneCli } from '../../fakes/onecli.js';
import { eventually } from '../../system/eventually.js';

const approval = (id: string) => ({
  id,
  method: 'POST',
  url: 'https://mail.example/send',
  bodyPreview: 'hello',
  agent: { id: '1', name: 'Ada', externalId: 'ag-1' },
  expiresAt: new Date(systemClock.now() + 60_000).toISOString(),
});

async function setUp(change: Record<string, string> = {}) {
  const onecli = await createFakeOneCli({});
  const clock = createFakeClock();
  const file: Record<string, string> = {
    ...{ WHARFIE_CREDENTIALS: 'onecli', ONECLI_URL: onecli.url, ONECLI_API_KEY: onecli.apiKey },
    ...change,
  };
  const asked: HeldRequest[] = [];
  const watch = watchApprovals({
    ...{ envFile: { read: () => file }, fallback: {}, clock, log: silentLog },
    async decide(request) {
      asked.push(request);
      return request.id === 'good' ? 'approve' : 'deny';
    },
  });
  onTestFinished(async () => {
    watch.stop();
    await onecli.close();
  });
  return { onecli, clock, file, asked };
}

it('carries requests from OneCLI here and decisions back, each once', async () => {
  const { onecli, asked } = await setUp();
  expect(await Promise.all([onecli.hold(approval('good')), onecli.hold(approval('bad/id'))])).toEqual([
    'approve',
    'deny',
  ]);
  expect(asked.map(({ id, body, agent }) => [id, body, agent]).sort()).toEqual([
    ['bad/id', 'hello', 'ag-1'],
    ['good', 'hello', 'ag-1'],
  ]);
});

it('denies what it cannot read', async () => {
  const { onecli, asked } = await setUp();
  expect(await onecli.hold({ ...approval('good'), expiresAt: 'soon' })).toBe('deny');
  expect(asked).toEqual([]);
});

it('begins when OneCLI is there at last, which the SDK by itself does not', async () => {
  const { onecli, clock, file } = await setUp({ WHARFIE_CREDENTIALS: 'static' });
  await onecli.setMode('down');
  file.WHARFIE_CREDENTIALS = 'onecli';
  await clock.advance(5000);
  await onecli.setMode('up');
  const decided = onecli.hold(approval('good'));
  await eventually(async () => {
    await clock.advance(5000);
    return onecli.asked.includes('GET /v1/gateway-url');
  });
  expect(await decided).toBe('approve');
});
