import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { theilSen } from './theil-sen.js';

const line = (xs: readonly number[], slope: number) => xs.map((x) => ({ x, y: 7 + slope * x }));

describe('theilSen()', () => {
  it('finds the slope of a straight line, and no doubt about it', () => {
    assert.deepEqual(theilSen(line([0, 1, 5, 9], 3)), { slope: 3, low: 3, high: 3 });
  });

  it('is not moved by a quarter of wild points', () => {
    const points = [
      ...line([0, 1, 2, 3, 4, 5, 6, 7, 8], 3),
      { x: 4.5, y: 1e9 },
      { x: 5.5, y: -1e9 },
    ];
    assert.equal(theilSen(points)?.slope, 3);
  });

  it('takes the bounds from the order of the slopes', () => {
    const ys = [10, 12, 11, 15, 18];
    const found = theilSen(ys.map((y, x) => ({ x, y })));
    // Slopes: -1 0.5 1.5 1.67 2 2 2 3 3.5 4; reach 1.96 × 4.08 = 8.0, so the first and the last of ten.
    assert.deepEqual(found, { slope: 2, low: -1, high: 4 });
  });

  it('knows nothing without two different x', () => {
    assert.equal(theilSen([]), undefined);
    assert.equal(
      theilSen([
        { x: 1, y: 1 },
        { x: 1, y: 2 },
      ]),
      undefined,
    );
  });

  it('puts the slope within its bounds, and turns with the data', () => {
    const value = fc.integer({ min: -1000, max: 1000 });
    fc.assert(
      fc.property(fc.array(fc.record({ x: value, y: value }), { maxLength: 30 }), (points) => {
        const found = theilSen(points);
        const mirrored = theilSen(points.map(({ x, y }) => ({ x, y: -y })));
        if (found === undefined || mirrored === undefined) return found === mirrored;
        assert.ok(found.low <= found.slope && found.slope <= found.high);
        return Math.abs(found.slope + mirrored.slope) < 1e-9;
      }),
    );
  });

  it('looks at evenly spread ones of very many points', () => {
    const xs = Array.from({ length: 5000 }, (_, index) => index);
    assert.equal(theilSen(line(xs, 2))?.slope, 2);
  });
});
