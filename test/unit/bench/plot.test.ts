import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { niceAbove, type Plot, renderPlot } from '../../../scripts/bench/lib/plot.js';

const plot = (points: { x: number; y: number }[]): Plot => ({
  ...{ name: 'p', title: 'Cost & <growth>', x: 'sessions', y: 'ms' },
  series: [{ label: 'host', points }],
});
const circles = (svg: string) =>
  [...svg.matchAll(/<circle cx="([\d.-]+)" cy="([\d.-]+)"/g)].map(([, x, y]) => ({
    x: Number(x),
    y: Number(y),
  }));

describe('a plot', () => {
  it('shows growth on the right and higher up, and escapes what it is given', () => {
    const svg = renderPlot(
      plot([
        { x: 10_000, y: 20 },
        { x: 0, y: 5 },
        { x: 100, y: 10 },
      ]),
    );
    const at = circles(svg);
    expect(at.map((one) => one.x)).toEqual(at.map((one) => one.x).toSorted((a, b) => a - b));
    expect(at.map((one) => one.y)).toEqual(at.map((one) => one.y).toSorted((a, b) => b - a));
    expect(svg).toContain('Cost &#38; &#60;growth&#62;');
    expect(svg).toContain('>10,000</text>');
  });

  it('keeps every point inside, whatever the values', () => {
    const point = fc.record({
      x: fc.integer({ min: 0, max: 1e6 }),
      y: fc.double({ min: 0, max: 1e9, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(point, { minLength: 1, maxLength: 20 }), (points) => {
        for (const { x, y } of circles(renderPlot(plot(points)))) {
          expect(x).toBeGreaterThanOrEqual(0);
          expect(x).toBeLessThanOrEqual(480);
          expect(y).toBeGreaterThanOrEqual(0);
          expect(y).toBeLessThanOrEqual(280);
        }
      }),
    );
    expect(() => renderPlot(plot([]))).toThrow(RangeError);
  });

  it('has an axis that ends at a round number just above', () => {
    expect([0, 0.7, 1, 3, 26, 120].map(niceAbove)).toEqual([1, 1, 1, 5, 50, 200]);
  });
});
