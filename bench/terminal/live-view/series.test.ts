import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { addToSeries, emptySeries, resample } from './series.js';

function seriesOf(values: readonly number[]) {
  return values.reduce(addToSeries, emptySeries);
}

describe('addToSeries()', () => {
  it('keeps each sample of a short run', () => {
    assert.deepEqual(seriesOf([3, 1, 2]).means, [3, 1, 2]);
  });

  it('merges neighbours when it is full, and from then on waits for two', () => {
    const counting = Array.from({ length: 512 }, (_, index) => index);
    const full = seriesOf(counting);
    assert.equal(full.means.length, 256);
    assert.deepEqual(full.means.slice(0, 3), [0.5, 2.5, 4.5]);
    const one = addToSeries(full, 512);
    assert.equal(one.means.length, 256);
    assert.equal(addToSeries(one, 513).means.at(-1), 512.5);
  });

  it('is bounded, and each of its values stands for as many samples', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5000 }), (length) => {
        const series = seriesOf(Array.from({ length }, () => 1));
        assert.ok(series.means.length < 512);
        const samples = series.means.length * series.samplesPerMean + series.pending.length;
        assert.equal(samples, length);
      }),
      { numRuns: 20 },
    );
  });
});

describe('resample()', () => {
  it('spreads values evenly, also where they do not divide', () => {
    assert.deepEqual(resample([1, 3, 5, 7], 2), [2, 6]);
    assert.deepEqual(resample([1, 2, 3, 4, 6], 2), [1.5, 13 / 3]);
    assert.deepEqual(resample([1, 2], 3), [1, 2]);
  });
});
