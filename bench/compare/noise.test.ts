import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { noiseOfIntervals, noiseOfWaves, studentT95 } from './noise.js';

function assertNear(actual: number | undefined, expected: number, tolerance = 1e-3): void {
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) <= tolerance,
    `${String(actual)} is not near ${expected}`,
  );
}

describe('studentT95()', () => {
  // NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.2.
  for (const [degrees, quantile] of [
    [1, 12.706],
    [3, 3.182],
    [10, 2.228],
    [11, 2.201],
    [20, 2.086],
    [30, 2.042],
    [100, 1.984],
  ] as const) {
    it(`for ${degrees} degrees of freedom is ${quantile}`, () => {
      assertNear(studentT95(degrees), quantile, 6e-4);
    });
  }

  it('falls with every degree of freedom', () => {
    for (let degrees = 1; degrees < 200; degrees++) {
      assert.ok(studentT95(degrees + 1) < studentT95(degrees), String(degrees));
    }
  });
});

describe('noiseOfIntervals()', () => {
  it('adds the half widths as errors are added', () => {
    const first = { value: 800, low: 770, high: 830 };
    assertNear(noiseOfIntervals(first, { value: 900, low: 860, high: 940 }), 50);
  });

  it('takes the halves that face each other', () => {
    const first = { value: 800, low: 500, high: 830 };
    const other = { value: 900, low: 860, high: 2000 };
    assertNear(noiseOfIntervals(first, other), 50);
    assertNear(noiseOfIntervals(other, first), 50);
  });

  it('lets intervals overlap a little whose figures differ all the same', () => {
    const first = { value: 800, low: 770, high: 830 };
    const other = { value: 850, low: 820, high: 880 };
    assertNear(noiseOfIntervals(first, other), 42.426);
  });

  it('knows nothing if an interval does not hold its figure', () => {
    const broken = { value: 800, low: 810, high: 830 };
    const sound = { value: 900, low: 860, high: 940 };
    assert.equal(noiseOfIntervals(broken, sound), undefined);
    assert.equal(noiseOfIntervals(sound, broken), undefined);
    assert.equal(noiseOfIntervals(sound, { ...sound, high: NaN }), undefined);
  });
});

describe('noiseOfWaves()', () => {
  it('is the bound of Welch’s test with two waves each', () => {
    // Variances of the means 1 and 4, 25 / 17 = 1.47 degrees of freedom, so 1: 12.706 × √5.
    assertNear(noiseOfWaves([9, 11], [18, 22], 'median'), 28.411);
  });

  it('is wider for medians of more', () => {
    // Both variances of the means are 1, degrees of freedom 4: 2.776 × √2 × √(π/2).
    const waves = [10, 10 + Math.sqrt(3), 10 - Math.sqrt(3)];
    assertNear(noiseOfWaves(waves, waves, 'median'), 4.92);
  });

  it('is that of the sum for totals', () => {
    // Three waves: 3 × 2.776 × √2.
    const waves = [10, 10 + Math.sqrt(3), 10 - Math.sqrt(3)];
    assertNear(noiseOfWaves(waves, waves, 'total'), 11.777);
  });

  const unknown = [
    ['a single wave', [1], [1, 2, 3], 'median'],
    ['no wave', [], [1, 2, 3], 'median'],
    ['no scatter in either', [5, 5, 5], [7, 7, 7], 'median'],
    ['no scatter but that of arithmetic', [0.1 + 0.2, 0.3], [0.3, 0.3], 'median'],
    ['zeros only', [0, 0], [0, 0], 'total'],
    ['totals of unequally many waves', [1, 2], [1, 2, 3], 'total'],
  ] as const;
  for (const [name, first, other, statistic] of unknown) {
    it(`knows nothing from ${name}`, () => {
      assert.equal(noiseOfWaves(first, other, statistic), undefined);
    });
  }

  it('takes a run without scatter beside one with it', () => {
    // All variance is the second run's, 1 with 1 degree of freedom.
    assertNear(noiseOfWaves([5, 5, 5, 5], [9, 11], 'median'), 12.706 * Math.sqrt(Math.PI / 2));
  });

  it('is the same both ways round, wherever the values lie, and grows with their scale', () => {
    const waves = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 9 });
    fc.assert(
      fc.property(waves, waves, fc.integer({ min: -500, max: 500 }), (first, other, shift) => {
        const noise = noiseOfWaves(first, other, 'median');
        assert.equal(noiseOfWaves(other, first, 'median')?.toFixed(6), noise?.toFixed(6));
        if (noise === undefined) return;
        assert.ok(noise > 0);
        const moved = first.map((value) => value + shift);
        assertNear(noiseOfWaves(moved, other, 'median'), noise, noise * 1e-9);
        const double = (values: readonly number[]): number[] => values.map((value) => 2 * value);
        assertNear(noiseOfWaves(double(first), double(other), 'median'), 2 * noise, noise * 1e-9);
      }),
    );
  });
});
