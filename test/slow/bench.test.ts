import { expect, it } from 'vitest';
import { intake } from '../../scripts/bench/intake.js';

it('a bench runs to its end and gives figures beside their floors, and a plot', async () => {
  const { figures, plots } = await intake.run({ factor: 0.03 });
  expect(figures.map((one) => one.what)).toEqual(['durable intake, spread', 'durable intake, bursts']);
  for (const { subject, floor } of figures) {
    expect(subject).toMatchObject({ p50: expect.any(Number) });
    expect(floor?.value).toMatchObject({ p50: expect.any(Number) });
  }
  expect(plots?.[0]?.series[0]?.points).toHaveLength(6);
});
